"""Arrays of any length that need not be in memory: large ones lie in a file without a name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError, Where

# Up to here memory is what is quick and small.
_LEAST_BYTES = 1 << 20
_ZEROS = bytes(1 << 20)


def roomy_zeros(count: int, kind: Any) -> NDArray[Any]:
    """Zeros (n,) of the type `kind`; the system may take the room of many back, as of any file.

    Where the folder for temporary files has no room for them, they are in memory.
    """
    kind = np.dtype(kind)
    size = count * kind.itemsize
    if size < _LEAST_BYTES:
        return np.zeros(count, kind)
    try:
        with tempfile.TemporaryFile() as file:
            # The room is taken now: a disk that is full later would end the process.
            for start in range(0, size, len(_ZEROS)):
                file.write(_ZEROS[: size - start])
            file.flush()
            return np.asarray(np.memmap(file, kind, "r+", shape=(count,)))
    except OSError:
        return np.zeros(count, kind)


class _Rows:
    """Rows of one shape and type that come piece by piece, and become one array.

    Many lie in a file without a name in `folder`, which is made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._like: NDArray[Any] = np.empty(0)
        self._waiting: list[NDArray[Any]] = []
        self._bytes = 0
        self._count = 0
        self._file: IO[bytes] | None = None

    def add(self, rows: NDArray[Any]) -> None:
        """Take `rows` (m, ...). Errors: the disk has no room for them."""
        self._like = rows[:0].copy()
        self._waiting.append(rows.copy())
        self._bytes += rows.nbytes
        self._count += len(rows)
        if self._bytes >= _LEAST_BYTES:
            self._write()

    def _write(self) -> None:
        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            for rows in self._waiting:
                self._file.write(rows.data)
            self._file.flush()
        except OSError as error:
            raise UserError(
                f"the first {self._count:,} items cannot be written: {error.strerror or error}",
                where=Where(str(self._folder)),
                wanted="a data set is gathered there before it is written",
                do="Make room, or set MYCAFFE_DATA to another folder.",
            ) from error
        self._waiting.clear()
        self._bytes = 0

    def close(self) -> None:
        """Give the file back, if there is one."""
        if self._file is not None:
            self._file.close()

    def joined(self) -> NDArray[Any]:
        """All rows (n, ...) in their order; those of a file are mapped."""
        if self._file is None:
            return np.concatenate([self._like, *self._waiting])
        self._write()
        shape = (self._count, *self._like.shape[1:])
        return np.asarray(np.memmap(self._file, self._like.dtype, "r+", shape=shape))


def joined(parts: Iterable[NDArray[Any]], folder: Path) -> NDArray[Any]:
    """Rows that come in `parts` (m, ...) as one array (n, ...); many lie in a file of `folder`."""
    with closing(_Rows(folder)) as rows:
        for part in parts:
            rows.add(part)
        return rows.joined()
