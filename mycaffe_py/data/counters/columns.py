"""Floor 2. Which columns of CSV files are counters, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.table import Table, listed, numbers
from mycaffe_py.errors import UserError, Where, nearest


@dataclass(frozen=True)
class Column:
    """Values (n,) of a column, NaN where there is none, and the share of cells that are texts."""

    values: NDArray[np.float64]
    text_share: float


def counter_columns(
    tables: Sequence[Table],
    not_counters: Sequence[str],
    chosen: Sequence[str] = (),
    may_be_constant: bool = False,
) -> tuple[list[str], list[NDArray[np.float64]], list[str]]:
    """Names of the F counters, their values (n, F) for each table, and remarks.

    Counters are the `chosen` columns, or all but `not_counters`, in the order of the first file.
    Columns of texts, and those that never change, are left out and told; a text in a column of
    numbers is a missing value, and told. `may_be_constant`: the chosen ones have a scaling that is
    known, so that they need not change. Errors: a file that lacks a column, a chosen column that
    cannot be used, no counter left.
    """
    names = list(chosen) or [name for name in tables[0].columns if name not in not_counters]
    _check_all_there(tables, names, chosen)
    kept, remarks = [], []
    read: dict[str, list[NDArray[np.float64]]] = {}
    for name in names:
        columns = [_column(table, name) for table in tables]
        reason = _useless(columns, may_be_constant)
        if not reason:
            read[name] = [column.values for column in columns]
            kept.append(name)
        elif chosen:
            raise UserError(f"column '{name}' {reason}, so it cannot be a counter")
        else:
            remarks.append(f"column '{name}' {reason}: left out")
    if not kept:
        raise UserError(
            f"no column of {tables[0].path} is a counter",
            wanted="a column of numbers that change",
            do=" ".join(f"{remark.capitalize()}." for remark in remarks),
        )
    for table in tables:
        _remark_gaps(table, kept)
    values = [np.stack([read[name][i] for name in kept], axis=1) for i in range(len(tables))]
    return kept, values, remarks


def _check_all_there(tables: Sequence[Table], names: Sequence[str], chosen: Sequence[str]) -> None:
    for table in tables:
        lacking = [name for name in names if name not in table.columns]
        if lacking:
            raise UserError(
                f"there is no column '{lacking[0]}'",
                where=Where(str(table.path), 1),
                wanted="it was chosen" if chosen else f"{tables[0].path} has one",
                do=nearest(lacking[0], table.columns),
            )


def _column(table: Table, name: str) -> Column:
    values, missing, texts = numbers(table, name)
    return Column(values, len(texts) / max(len(values) - len(missing), 1))


def _useless(columns: Sequence[Column], may_be_constant: bool) -> str:
    """Why a column is no counter; "" where it is one."""
    values = np.concatenate([column.values for column in columns])
    present = values[~np.isnan(values)]
    if any(column.text_share > 0.5 for column in columns):
        return "holds texts"
    if not len(present):
        return "is empty"
    if not may_be_constant and np.all(present == present[0]):
        return f"is {present[0]:g} in every row"
    return ""


def _remark_gaps(table: Table, names: Sequence[str]) -> None:
    """Missing values of the counters that are used."""
    for name in names:
        _, missing, texts = numbers(table, name)
        done = "windows with them are left out"
        table.remark(f"values of '{name}' are missing", missing, done)
        if texts:
            place = table.lines.tolist().index(texts[0])
            example = table.texts(name)[place]
            table.remarks.append(
                f"{table.path}: {len(texts)} values of '{name}' are no numbers, as '{example}' "
                f"({listed(texts)}): {done}"
            )
