"""Windows of counters that a program gives, scaled as those the net learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.api.given.given import Given, is_table, items_of, name_of
from mycaffe_py.api.given.pixel_values import check_real
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.trained.inputs import read_input


def given_windows(given: Any, like: ArraySource) -> Given:
    """Arrays (T, F) or (N, T, F) in the units of the counters, tables with columns, CSV files.

    The F counters of an array stand in the order the net learned; those of a table are found by
    their names. Errors: none of these, another T or F, NaN.
    """
    counters = Counters.from_json(like.counters)
    items = items_of(given)
    if isinstance(items, np.ndarray):
        windows = _laid_out(items, counters)
        return Given(
            len(windows),
            lambda first, end: _scaled(windows[first:end], counters),
            lambda number: name_of(None, number),
        )

    def read(first: int, end: int) -> Any:
        return np.stack([_read(item, like, counters) for item in items[first:end]])

    return Given(len(items), read, lambda number: name_of(items[number], number))


def _read(item: Any, like: ArraySource, counters: Counters) -> Any:
    """One window (1, T, F)."""
    if is_table(item):
        return _scaled(_laid_out(_by_name(item, counters), counters), counters)[0]
    if isinstance(item, np.ndarray):
        if item.ndim != 2:
            raise _refused(item, counters)
        return _scaled(_laid_out(item, counters), counters)[0]
    if not isinstance(item, str | Path):
        raise UserError(
            f"an object of type {type(item).__name__} is given",
            wanted=f"the net takes windows of counters, as {like.name}",
        )
    return read_input(Path(item), like).array


def _by_name(table: Any, counters: Counters) -> NDArray[Any]:
    """The columns (rows, F) of the counters."""
    names = [str(name) for name in table.columns]
    for name in counters.names:
        if name not in names:
            raise UserError(
                f"the table has no column '{name}'",
                wanted=f"columns {', '.join(counters.names)}",
                do=nearest(name, names),
            )
    columns = [np.asarray(table[table.columns[names.index(name)]]) for name in counters.names]
    return np.stack(columns, axis=1)


def _laid_out(array: NDArray[Any], counters: Counters) -> NDArray[Any]:
    """(n, T, F)."""
    check_real(array)
    windows = array[None] if array.ndim == 2 else array
    wanted = (counters.steps, len(counters.names))
    if windows.ndim != 3 or windows.shape[1:] != wanted or not len(windows):
        raise _refused(array, counters)
    return windows


def _scaled(windows: NDArray[Any], counters: Counters) -> NDArray[np.float32]:
    return counters.scaled(np.asarray(windows, np.float64))


def _refused(array: NDArray[Any], counters: Counters) -> UserError:
    steps, count = counters.steps, len(counters.names)
    return UserError(
        f"an array of shape {array.shape}",
        wanted=f"windows are (N, {steps}, {count}), one window is ({steps}, {count}): {steps} time "
        f"steps of {counters.step_s:g} s with {', '.join(counters.names)}, in this order",
    )
