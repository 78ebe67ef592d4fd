"""A confusion matrix as text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def confusion_lines(confusion: NDArray[np.int64], names: list[str]) -> list[str]:
    """Counts (T, T) of the classes `names` (T,), a line a row; 0 is a point."""
    cells = [[f"{n:,}" if n else "." for n in row] for row in confusion.tolist()]
    width = max(4, *(len(cell) for row in cells for cell in row), *(len(name) for name in names))
    lines = ["confusion (rows: what it is, columns: the answer)"]
    lines.append(" ".join(f"{cell:>{width}}" for cell in ["", *names]))
    for name, row in zip(names, cells, strict=True):
        lines.append(" ".join(f"{cell:>{width}}" for cell in [name, *row]))
    return lines
