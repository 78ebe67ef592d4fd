"""What a Data layer reads from, and how a source is found by its name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.dataset_kind import DatasetKind, dataset_kinds
from mycaffe_py.data.dataset_lookup import holder_of, maker_of, names_that_open
from mycaffe_py.data.dataset_paths import data_folder, dataset_path, split_source_name
from mycaffe_py.data.source_head import SourceHead
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.notices import notice, remark
from mycaffe_py.told_once import first_time

_TRAINING = "training"
_NOT_MADE = "told is what is known of it"


class Source(Protocol):
    """Labelled images of one shape, numbered from 0."""

    @property
    def name(self) -> str:
        """Dataset and split, e.g. "MNIST.training"."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every image."""

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.float32]:
        """uint8: values 0-255; float32: as they were given."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Label of every image (n,)."""

    @property
    def label_names(self) -> dict[int, str]:
        """What each label stands for."""

    @property
    def label_count(self) -> int:
        """Largest label + 1."""

    @property
    def checksum(self) -> str:
        """sha256 in hex over shape, labels and pixels, stored when the source was made."""

    @property
    def description(self) -> str:
        """Where the images come from, in one line."""

    @property
    def stand_in_for(self) -> str | None:
        """Name of the source that was asked for when this one took its place."""

    def __len__(self) -> int: ...

    def gather(self, records: NDArray[np.int64]) -> Images:
        """Copy of the images at `records` (n,): (n, C, H, W)."""

    def mean(self) -> NDArray[np.float32]:
        """Mean image (C, H, W)."""


def open_source(
    name: str,
    stand_in: str = "",
    where: Where | None = None,
    notify: Callable[[str], None] = notice,
    make: bool = True,
) -> ArraySource:
    """Open the source called `name`, e.g. "MNIST.training".

    A data set that a kind knows by this name (MNIST, telecom) is made on the way. When that fails
    and `stand_in` names another source, that one is used, `notify` is told (once a command, where
    it is `notice`), and the result carries `stand_in_for`.
    With `make` False nothing is created or fetched: what is not there cannot be had.
    A name that nobody knows and a dataset that is damaged are errors: a stand-in would hide them.
    """
    dataset, split = split_source_name(name, where)
    holder = holder_of(dataset)
    if holder is not None:
        return holder.open(dataset, split, where)
    missing = _obtain(dataset, where) if make else _not_made(dataset, where)
    if missing is None:
        return _holder(dataset).open(dataset, split, where)
    if not stand_in:
        raise missing
    return _open_stand_in(name, stand_in, missing, where, notify, make)


def training_mean(source: ArraySource) -> NDArray[np.float32]:
    """Mean image of the training split of the source's dataset; its own if there is no such split.

    A net must see test images as it saw the training images, so with the same mean.
    """
    if isinstance(source, SourceHead):
        return source.mean()
    dataset, split = split_source_name(source.name)
    if split == _TRAINING or _TRAINING not in splits_of(dataset):
        return source.mean()
    return open_source(f"{dataset}.{_TRAINING}").mean()


def splits_of(dataset: str) -> list[str]:
    """Names of the splits of a dataset that is there."""
    return _holder(dataset).splits(dataset)


def _holder(dataset: str) -> DatasetKind:
    """The kind of a dataset that is there; of one that is not, the error of the image database."""
    return holder_of(dataset) or dataset_kinds.get("database")


def open_head(
    name: str,
    stand_in: str = "",
    where: Where | None = None,
    notify: Callable[[str], None] = remark,
) -> SourceHead:
    """The head of the source called `name`: shape, classes, number of items; no pixels are read.

    Nothing is created or fetched. Of a source that is not there it is that of its `stand_in`, or
    what is known of it before it is made; `notify` is told, once a command where it is `remark`.
    Errors: a name that nobody knows, a dataset that is damaged.
    """
    dataset, split = split_source_name(name, where)
    holder, maker = holder_of(dataset), maker_of(dataset)
    if holder is not None:
        return holder.head(dataset, split, where)
    if maker is None:
        raise _unknown(dataset, where)
    if stand_in and not maker.certainly:
        head, told = open_head(stand_in, where=where), f"told are the shapes of '{stand_in}'"
    else:
        head = maker.head_of_known(dataset, split, where)
        told = "it is made when it is trained on" if maker.certainly else _NOT_MADE
    # The other split of the same data set goes the same way.
    if notify is not remark or first_time((maker.path(dataset), "head")):
        notify(f"'{name}' is not there: {told}. {maker.how_to_make(dataset)}")
    return dataclasses.replace(head, stand_in_for=name) if head.name != name else head


def _not_made(dataset: str, where: Where | None) -> UserError:
    """The error of a dataset that is not there, where none may be made."""
    maker = maker_of(dataset)
    if maker is None:
        return _unknown(dataset, where)
    return UserError(
        f"there is no dataset '{dataset}' in {data_folder()}",
        where=where,
        do=maker.how_to_make(dataset),
    )


def _unknown(dataset: str, where: Where | None) -> UserError:
    return UserError(
        f"there is no dataset '{dataset}' in {data_folder()}",
        where=where,
        do=f"{nearest(dataset, names_that_open())} 'mycaffe dataset create' makes one.",
    )


def _obtain(dataset: str, where: Where | None) -> UserError | None:
    """Make `dataset`, which can be fetched or simulated; the error that says why it cannot be."""
    maker = maker_of(dataset)
    if maker is None:
        raise _unknown(dataset, where)
    return maker.make_known(dataset, maker.path(dataset), where)


def _open_stand_in(
    name: str,
    stand_in: str,
    missing: UserError,
    where: Where | None,
    notify: Callable[[str], None],
    make: bool,
) -> ArraySource:
    source = open_source(stand_in, where=where, make=make)
    ours = split_source_name(stand_in)[0]
    # The other split of the same data set goes the same way.
    told = (dataset_path(split_source_name(name)[0]), ours)
    if notify is not notice or first_time(told):
        notify(
            f"STAND-IN DATA: '{name}' is NOT used; '{stand_in}' takes its place, and every figure "
            f"is about {ours}.\n{missing}"
        )
    return dataclasses.replace(source, stand_in_for=name)
