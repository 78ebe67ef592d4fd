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
from mycaffe_py.data.database_reading import read_source, read_splits
from mycaffe_py.data.feature_card import table_splits
from mycaffe_py.data.feature_table import read_table
from mycaffe_py.data.place import dataset_names, dataset_path, is_table, split_source_name
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


def open_source(
    name: str,
    stand_in: str = "",
    where: Where | None = None,
    notify: Callable[[str], None] = notice,
) -> ArraySource:
    """Open the source called `name`, e.g. "MNIST.training".

    MNIST is created on the way when it can be had, telecom always. When MNIST cannot be had and
    `stand_in` names another source, that one is used, `notify` is told (once a command, where it
    is `notice`), and the result carries `stand_in_for`.
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
    missing = _obtain(dataset, path, where)
    if missing is None:
        return read_source(path, dataset, split, where)
    if not stand_in:
        raise missing
    return _open_stand_in(name, stand_in, missing, where, notify)


def training_mean(source: ArraySource) -> NDArray[np.float32]:
    """Mean image of the training split of the source's dataset; its own if there is no such split.

    A net must see test images as it saw the training images, so with the same mean.
    """
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


def _obtain(dataset: str, path: Path, where: Where | None) -> UserError | None:
    """Create `dataset`, which can be fetched or simulated; the error that says why it cannot."""
    if dataset in telecom.NAMES:
        telecom.create(path, dataset, telecom.recipe_of(dataset))
        return None
    if dataset != mnist.DATASET:
        known = [*dataset_names(), *builtin.NAMES, *telecom.NAMES, mnist.DATASET]
        raise UserError(
            f"there is no dataset '{dataset}' in {path.parent}",
            where=where,
            do=f"{nearest(dataset, known)} 'mycaffe dataset create' makes one.",
        )
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
) -> ArraySource:
    source = open_source(stand_in, where=where)
    ours = split_source_name(stand_in)[0]
    # The other split of the same data set goes the same way.
    told = (dataset_path(split_source_name(name)[0]), ours)
    if notify is not notice or first_time(told):
        notify(
            f"STAND-IN DATA: '{name}' is NOT used; '{stand_in}' takes its place, and every figure "
            f"is about {ours}.\n{missing}"
        )
    return dataclasses.replace(source, stand_in_for=name)
