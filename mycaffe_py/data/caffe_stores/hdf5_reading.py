"""Batches from HDF5 files: the rows of their datasets, whatever they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.data.looked_for import unreadable
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.files.hdf5_file import check_announced, found_in, names_in, opened_hdf5, values_of
from mycaffe_py.files.plain_file import read_plain_text
from mycaffe_py.optional import optional
from mycaffe_py.random_streams import stream


@dataclass(frozen=True)
class Hdf5File:
    """One file: its number of rows, and for each dataset the shape of a row."""

    path: Path
    rows: int
    row_shapes: tuple[Shape, ...]


class Hdf5Feed(PlainFeed):
    """Top i (N, ...) holds rows of the dataset `names[i]`.

    The rows of all files follow each other, in a circle; with `shuffle` files and rows are
    mixed each time round. One file at a time is in memory, whole, as in Caffe. Pure: what a batch
    holds depends on seed, purpose and its number alone.
    """

    # A row may be anything.
    label_count = 0

    def __init__(
        self,
        files: Sequence[Hdf5File],
        names: Sequence[str],
        batch_size: int,
        shuffle: bool,
        seed: int,
        purpose: str,
        where: Where,
    ) -> None:
        self.files = files
        self.names = names
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.purpose = purpose
        self.where = where
        self._rows = np.array([file.rows for file in files], dtype=np.int64)
        self._load = lru_cache(maxsize=1)(self._read)
        self._files = lru_cache(maxsize=2)(self._make_files)
        self._order = lru_cache(maxsize=2)(self._make_order)

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top."""
        return [(self.batch_size, *shape) for shape in self.files[0].row_shapes]

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`; whole numbers become floats."""
        first = batch_number * self.batch_size
        items = np.arange(first, first + self.batch_size, dtype=np.int64)
        epochs, places = np.divmod(items, self._rows.sum())
        for epoch in np.unique(epochs).tolist():
            files = self._files(epoch)
            ends = np.cumsum(self._rows[files])
            slots = np.searchsorted(ends, places, side="right")
            for slot in np.unique(slots[epochs == epoch]).tolist():
                here = (epochs == epoch) & (slots == slot)
                file = int(files[slot])
                rows = places[here] - (ends[slot] - self._rows[file])
                if self.shuffle:
                    rows = self._order(epoch, file)[rows]
                for top, values in zip(tops, self._load(file), strict=True):
                    top[here] = values[rows]

    def _make_files(self, epoch: int) -> NDArray[np.int64]:
        """The order of the files in this round."""
        count = len(self.files)
        if not self.shuffle:
            return np.arange(count, dtype=np.int64)
        numbers = stream(self.seed, f"hdf5/{self.purpose}/files", epoch)
        return numbers.permutation(count).astype(np.int64)

    def _make_order(self, epoch: int, file: int) -> NDArray[np.int64]:
        """The order of a file's rows in this round."""
        numbers = stream(self.seed, f"hdf5/{self.purpose}/rows", epoch, file)
        return numbers.permutation(self.files[file].rows).astype(np.int64)

    def _read(self, file: int) -> list[NDArray[Any]]:
        path = self.files[file].path
        _check_h5py(self.where)
        try:
            with opened_hdf5(path) as opened:
                datasets = [found_in(opened, name) for name in self.names]
                check_announced(*datasets)
                return [values_of(dataset) for dataset in datasets]
        except (OSError, ValueError) as error:
            raise _unreadable(path, error, self.where) from error


def open_files(source: Path, names: Sequence[str], where: Where) -> list[Hdf5File]:
    """The files that the list `source` names, each checked for the datasets `names`.

    Errors: no list, an empty one, a file that is missing or damaged, a dataset that is missing, of
    another kind than numbers, or of another length or row shape than the others.
    """
    try:
        paths = [Path(word) for word in read_plain_text(source).split()]
    except (OSError, ValueError) as error:
        kind = "The source of HDF5Data is a text file that lists the HDF5 files."
        raise unreadable(f"list file {source}", source, error, where, kind) from error
    if not paths:
        raise UserError(f"list file {source} names no files", where=where)
    files = [_open(path, names, where) for path in paths]
    for file in files:
        if file.row_shapes != files[0].row_shapes:
            raise UserError(
                f"rows of {file.path} are {_told(names, file.row_shapes)}",
                where=where,
                wanted=f"those of {files[0].path} are {_told(names, files[0].row_shapes)}",
            )
    if not any(file.rows for file in files):
        raise UserError(f"the files of {source} have no rows", where=where)
    return files


def _open(path: Path, names: Sequence[str], where: Where) -> Hdf5File:
    _check_h5py(where)
    try:
        with opened_hdf5(path) as opened:
            shapes = [_shape(opened, path, name, where) for name in names]
            check_announced(*(found_in(opened, name) for name in names))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error, where) from error
    for name, shape in zip(names, shapes, strict=True):
        if shape[0] != shapes[0][0]:
            raise UserError(
                f"{path}: dataset '{name}' has {shape[0]} rows",
                where=where,
                wanted=f"dataset '{names[0]}' has {shapes[0][0]}",
            )
    return Hdf5File(path, shapes[0][0], tuple(shape[1:] for shape in shapes))


def _shape(opened: Any, path: Path, name: str, where: Where) -> Shape:
    """Shape of one dataset, which must hold numbers in rows."""
    found = found_in(opened, name)
    if not hasattr(found, "dtype"):
        raise UserError(
            f"{path} has no dataset '{name}'",
            where=where,
            wanted="each top of HDF5Data is filled from the dataset of its name",
            do=nearest(name, names_in(opened)) or "The file holds none.",
        )
    if found.dtype.kind not in "fiu" or not found.shape:
        raise UserError(
            f"{path}: dataset '{name}' is {found.dtype} of shape {found.shape}",
            where=where,
            wanted="rows of floats or whole numbers",
        )
    return tuple(int(size) for size in found.shape)


def _told(names: Sequence[str], shapes: Sequence[Shape]) -> str:
    return ", ".join(f"'{name}' {shape}" for name, shape in zip(names, shapes, strict=True))


def _unreadable(path: Path, error: Exception, where: Where) -> UserError:
    return unreadable(f"HDF5 file {path}", path, error, where)


def _check_h5py(where: Where) -> None:
    optional("h5py", "hdf5", "HDF5Data", where)
