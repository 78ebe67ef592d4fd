"""Windows that slide over a long CSV file of counters, scaled as a model wants them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.cut import stretches_of, window_starts
from mycaffe_py.data.counters.one_window import check_columns
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.table import Table, listed, numbers, read_table
from mycaffe_py.errors import UserError, Where


@dataclass(frozen=True, eq=False)
class SlidingWindows:
    """The windows of a file, in the order of time; `starts` (m,) are their first rows.

    `values` (n, F) are in the units of the counters, NaN where there is none; `times` (n,) are as
    they stand in the file. `stretches` (m,) number the parts of the file without a gap.
    """

    table: Table
    counters: Counters
    values: NDArray[np.float64]
    times: list[str]
    starts: NDArray[np.int64]
    stretches: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, number: int) -> tuple[str, str]:
        """The times of the first and of the last row of window `number`."""
        start = int(self.starts[number])
        return self.times[start], self.times[start + self.counters.steps - 1]

    def image(self, number: int) -> NDArray[np.float32]:
        """Image (1, T, F) of window `number`. Errors: a value is missing in it."""
        start = int(self.starts[number])
        values = self.values[start : start + self.counters.steps]
        missing = np.isnan(values)
        if missing.any():
            rows, columns = np.nonzero(missing)
            lines = sorted(set(self.table.lines[start + rows].tolist()))
            raise UserError(
                f"column '{self.counters.names[int(columns[0])]}' has no number in {listed(lines)}",
                where=Where(str(self.table.path), lines[0]),
                wanted="a window is complete: nothing is made up",
            )
        scaled: NDArray[np.float32] = self.counters.scaled(values[np.newaxis])[0]
        return scaled


def is_long(path: Path, counters: Counters) -> bool:
    """Whether the file has more lines than a header and the rows of one window."""
    try:
        with path.open("rb") as file:
            return any(number > counters.steps for number, _ in enumerate(file))
    except OSError:
        return False


def sliding_windows(path: Path, counters: Counters, stride: int) -> SlidingWindows:
    """The windows of T rows in `path`, one each `stride` rows; none reaches over a gap.

    The table's `remarks` tell what was put right or left out. Errors: whatever `read_table` finds,
    a missing column, no window.
    """
    table = read_table(path, counters.time_column, counters.form)
    check_columns(table, counters)
    values = np.stack([numbers(table, name)[0] for name in counters.names], axis=1)
    stretches = stretches_of(table, counters.step_s)
    short = sum(end - first < counters.steps for first, end in stretches)
    if short == len(stretches):
        raise UserError(
            f"{path} has no window: no {counters.steps} rows follow one another "
            f"{counters.step_s:g} s apart",
            wanted=f"windows of {counters.steps} rows, {counters.step_s:g} s apart, as the net "
            "learned them",
            do=" ".join(f"{remark}." for remark in table.remarks),
        )
    if short:
        table.remarks.append(
            f"{path}: stretches between gaps that are shorter than a window, left out: {short}"
        )
    starts = window_starts(stretches, counters.steps, stride)
    firsts = np.array([first for first, _ in stretches])
    parts = np.searchsorted(firsts, starts, side="right")
    times = list(table.texts(counters.time_column))
    return SlidingWindows(table, counters, values, times, starts, parts)
