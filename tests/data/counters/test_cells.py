"""The texts of a long table take no memory, and come back as they were."""

from __future__ import annotations

import tempfile
import tracemalloc

import numpy as np

from mycaffe_py.data.counters.cells import Cells


def test_cells_come_back_in_any_order_without_blanks() -> None:
    rows = [["1", " ä\0 ", ""], ["", '"', "x\ny"], ["3", "\ud800", "z"]]
    with tempfile.TemporaryFile() as file:
        cells = Cells(file)
        for row in rows:
            cells.add(row)
        cells.mapped()
    assert len(cells) == 3
    assert list(cells.column(1, np.array([2, 0, 1]))) == ["\ud800", "ä\0", '"']
    assert cells.text(1, 2) == "x\ny"


def test_a_row_takes_a_few_bytes() -> None:
    tracemalloc.start()
    try:
        with tempfile.TemporaryFile() as file:
            cells = Cells(file)
            for number in range(20_000):
                cells.add([str(number), "text " * 20, "label"])
            cells.mapped()
        assert tracemalloc.get_traced_memory()[1] < 20 * len(cells)
    finally:
        tracemalloc.stop()
    assert cells.text(19_999, 0) == "19999"
