"""Floor 2. What a Data layer reads from, and how a source is found by its name."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data import builtin, mnist
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.database_reading import read_head, read_source, read_splits
from mycaffe_py.data.feature_card import table_splits
from mycaffe_py.data.feature_table import read_table, read_table_head
from mycaffe_py.data.place import dataset_names, dataset_path, is_table, split_source_name
from mycaffe_py.data.source_head import SourceHead
from mycaffe_py.data.telecom import dataset as telecom
from mycaffe_py.data.told_once import first_time
from mycaffe_py.errors import UserError, Where, nearest

_TRAINING = "training"


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


def notice(text: str) -> None:
    """Write `text` to standard error behind a rule, so that it is not overlooked."""
    print(f"{'!' * 40} {text}", file=sys.stderr, flush=True)


def remark(text: str) -> None:
    """Write `text` to standard error, as a line among others."""
    print(text, file=sys.stderr, flush=True)


def open_source(
    name: str,
    stand_in: str = "",
    where: Where | None = None,
    notify: Callable[[str], None] = notice,
    make: bool = True,
) -> ArraySource:
    """Open the source called `name`, e.g. "MNIST.training".

    MNIST is created on the way when it can be had, telecom always. When MNIST cannot be had and
    `stand_in` names another source, that one is used, `notify` is told (once a command, where it
    is `notice`), and the result carries `stand_in_for`.
    With `make` False nothing is created or fetched: what is not there cannot be had.
    A name that nobody knows and a dataset that is damaged are errors: a stand-in would hide them.
    """
    dataset, split = split_source_name(name, where)
    if dataset in builtin.NAMES:
        return builtin.read_source(dataset, split, where)
    path = dataset_path(dataset)
    if path.exists():
        return read_source(path, dataset, split, where)
    if is_table(dataset):
        return read_table(dataset, split, where)
    missing = _obtain(dataset, path, where) if make else _not_made(dataset, path, where)
    if missing is None:
        return read_source(path, dataset, split, where)
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
    if dataset in builtin.NAMES:
        return list(builtin.SPLITS)
    if is_table(dataset):
        return table_splits(dataset)
    return read_splits(dataset_path(dataset))


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
    if dataset in builtin.NAMES:
        return builtin.read_head(dataset, split, where)
    path = dataset_path(dataset)
    if path.exists():
        return read_head(path, dataset, split, where)
    if is_table(dataset):
        return read_table_head(dataset, split, where)
    if dataset in telecom.NAMES:
        head, told = telecom.head(dataset, split, where), "it is made when it is trained on"
    elif dataset != mnist.DATASET:
        raise _unknown(dataset, path, where)
    elif stand_in:
        head, told = open_head(stand_in, where=where), f"told are the shapes of '{stand_in}'"
    else:
        head, told = mnist.head(split, where), "told is what is known of it"
    # The other split of the same data set goes the same way.
    if notify is not remark or first_time((path, "head")):
        notify(f"'{name}' is not there: {told}. {_how_to_make(dataset)}")
    return dataclasses.replace(head, stand_in_for=name) if head.name != name else head


def _not_made(dataset: str, path: Path, where: Where | None) -> UserError:
    """The error of a dataset that is not there, where none may be made."""
    if dataset not in (mnist.DATASET, *telecom.NAMES):
        return _unknown(dataset, path, where)
    return UserError(
        f"there is no dataset '{dataset}' in {path.parent}", where=where, do=_how_to_make(dataset)
    )


def _how_to_make(dataset: str) -> str:
    if dataset == mnist.DATASET:
        return mnist.how_to_make()
    return f"'mycaffe dataset create telecom --name {dataset}' makes it."


def _unknown(dataset: str, path: Path, where: Where | None) -> UserError:
    known = [*dataset_names(), *builtin.NAMES, *telecom.NAMES, mnist.DATASET]
    return UserError(
        f"there is no dataset '{dataset}' in {path.parent}",
        where=where,
        do=f"{nearest(dataset, known)} 'mycaffe dataset create' makes one.",
    )


def _obtain(dataset: str, path: Path, where: Where | None) -> UserError | None:
    """Create `dataset`, which can be fetched or simulated; the error that says why it cannot."""
    if dataset in telecom.NAMES:
        telecom.create(path, dataset, telecom.recipe_of(dataset))
        return None
    if dataset != mnist.DATASET:
        raise _unknown(dataset, path, where)
    reason = mnist.create_if_possible(path)
    if reason is None:
        return None
    return UserError(f"MNIST could not be had: {reason}", where=where, do=mnist.HOW_TO_GET)


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
