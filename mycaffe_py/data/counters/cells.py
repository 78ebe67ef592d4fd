"""The texts of a table, row by row, in a file without a name: of a long one none are in memory."""

from __future__ import annotations

import marshal
import mmap
from array import array
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
from numpy.typing import NDArray


class Cells:
    """Rows are added to `file` one behind the other, and can be read after `mapped`, without it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("q")
        self._end = 0
        self._content: mmap.mmap | bytes = b""

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, row: Sequence[str]) -> None:
        """Take the next row."""
        # Nobody else writes this file, and it is gone with the process.
        self._end += self._file.write(marshal.dumps(list(row)))
        self._ends.append(self._end)

    def mapped(self) -> Cells:
        """The rows, all of which were added."""
        self._file.flush()
        if self._end:
            self._content = mmap.mmap(self._file.fileno(), self._end, access=mmap.ACCESS_READ)
        return self

    def text(self, row: int, column: int) -> str:
        """A cell, without blanks around it."""
        start = self._ends[row - 1] if row else 0
        cells: list[str] = marshal.loads(self._content[start : self._ends[row]])
        return cells[column].strip()

    def column(self, column: int, rows: NDArray[np.int64]) -> Iterator[str]:
        """The cells of a column in `rows`, in their order."""
        return (self.text(row, column) for row in map(int, rows))
