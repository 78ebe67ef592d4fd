"""Rows written to an HDF5 file, one batch after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mycaffe_py.errors import UserError, Where
from mycaffe_py.optional import optional

# Rows of a chunk hold about this much: smaller ones cost more to find than to read.
_CHUNK_BYTES = 1 << 16


class Hdf5Writer:
    """Appends batches to the datasets of a file that the first batch makes anew.

    Nothing is touched before the first batch, and the file is closed after each one, so that it is
    whole whenever the process ends between two.
    """

    def __init__(self, path: Path, where: Where) -> None:
        self.path = path
        self.where = where
        self._started = False

    def append(self, batch: Mapping[str, NDArray[Any]]) -> None:
        """Add the rows of each array to the dataset of its name. Errors: it cannot be written."""
        h5py = optional("h5py", "hdf5", "HDF5Output", self.where)
        try:
            with h5py.File(self.path, "a" if self._started else "w") as file:
                for name, rows in batch.items():
                    self._check(file, name, rows)
                    _append(file, name, rows)
        except OSError as error:
            raise UserError(
                f"HDF5 file {self.path} cannot be written: {error}", where=self.where
            ) from error
        self._started = True

    def _check(self, file: Any, name: str, rows: NDArray[Any]) -> None:
        if name in file and file[name].shape[1:] != rows.shape[1:]:
            raise UserError(
                f"HDF5 file {self.path}: rows of '{name}' are {rows.shape[1:]}",
                where=self.where,
                wanted=f"those of the batches before are {file[name].shape[1:]}",
            )


def _append(file: Any, name: str, rows: NDArray[Any]) -> None:
    if name not in file:
        row_bytes = max(1, rows.nbytes // max(1, len(rows)))
        file.create_dataset(
            name,
            data=rows,
            maxshape=(None, *rows.shape[1:]),
            chunks=(max(1, _CHUNK_BYTES // row_bytes), *rows.shape[1:]),
        )
        return
    dataset = file[name]
    before = len(dataset)
    dataset.resize(before + len(rows), axis=0)
    dataset[before:] = rows
