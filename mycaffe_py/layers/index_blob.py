"""Reading a blob of row numbers: which row of another array each of them names."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import LayerIO
from mycaffe_py.layers.labels import Labels, exact_below


def read_row_numbers(io: LayerIO, bottom: int, rows: int, *, because: str) -> Labels:
    """The whole numbers in a bottom, fractions cut off.

    One outside 0 ... rows - 1 stops; `because` says what sets the number of rows.
    """
    given = io.bottoms[bottom]
    end = min(rows, exact_below(given))
    bad = ~((given > -1) & (given < end))
    if bad.any():
        place = np.argwhere(bad)[0]
        row = int(place[0]) if len(place) else 0
        raise io.context.error(
            f"row {row} of bottom '{io.context.param.bottom[bottom]}' holds {given[bad].flat[0]:g}",
            at=("bottom", bottom),
            wanted=f"numbers run from 0 to {end - 1}, because {because}"
            + ("; greater ones run together in this precision" if end < rows else ""),
        )
    return given.astype(np.int64)
