"""One window from a CSV file, scaled as a data set or a model wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.cut import gaps
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.counters.table import Table, listed, numbers, read_table
from mycaffe_py.errors import UserError, Where
from mycaffe_py.notices import notice


def read_window(
    path: Path, counters: Counters, notify: Callable[[str], None] = notice
) -> NDArray[np.float32]:
    """Image (1, T, F) of the one window in `path`.

    Columns may stand in any order, and others beside them. `notify` is told what was put right
    (rows that were out of order). Errors: a missing column, a missing value, a gap, more or fewer
    than T rows, another time step than that of the data the counters come from.
    """
    table = read_table(path, counters.time_column, counters.form)
    check_columns(table, counters)
    _check_rows(table, counters)
    values = np.stack([_values(table, name) for name in counters.names], axis=1)
    for remark in table.remarks:
        notify(remark)
    image: NDArray[np.float32] = counters.scaled(values[np.newaxis])[0]
    return image


def check_columns(table: Table, counters: Counters) -> None:
    """Errors: a counter without a column."""
    lacking = [name for name in counters.names if name not in table.columns]
    if lacking:
        raise UserError(
            f"{len(lacking)} of {len(counters.names)} counters have no column: "
            f"{', '.join(lacking)}",
            where=Where(str(table.path), 1),
            wanted="the columns the net learned from, in any order",
        )


def _check_rows(table: Table, counters: Counters) -> None:
    count = len(table.times_s)
    if count != counters.steps:
        raise UserError(
            f"{table.path} has {count} rows",
            wanted=f"one window of {counters.steps} rows, {counters.step_s:g} s apart",
            do=" ".join(f"{remark}." for remark in table.remarks),
        )
    broken = gaps(table, counters.step_s)
    if broken.any():
        lines = table.lines[1:][broken].tolist()
        raise UserError(
            f"rows are not {counters.step_s:g} s after the row before them ({listed(lines)})",
            where=Where(str(table.path), lines[0]),
            wanted="a window without gap, in the time steps the net learned from",
        )


def _values(table: Table, name: str) -> NDArray[np.float64]:
    values, missing, texts = numbers(table, name)
    bad = sorted([*missing, *texts])
    if bad:
        raise UserError(
            f"column '{name}' has no number in {listed(bad)}",
            where=Where(str(table.path), bad[0]),
            wanted="a window is complete: nothing is made up",
        )
    return values
