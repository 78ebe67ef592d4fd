"""Which columns of CSV files are counters, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.csv_form import CsvForm, number_hint
from mycaffe_py.data.counters.table import Table, listed, numbers
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.printable import shown

# A column with a larger share of texts is no column of numbers.
_MOST_TEXTS = 0.5


@dataclass(frozen=True)
class Column:
    """Values (n,) of a column, NaN where there is none, and the share of cells that are texts.

    `example` tells one of them, and how it could be read.
    """

    values: NDArray[np.float64]
    text_share: float
    example: str = ""


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
            example = _example(columns)
            raise UserError(
                f"column '{name}' {reason}, so it cannot be a counter",
                do=f"Found: {example}." if example else "",
            )
        else:
            remarks.append(f"column '{name}' {reason}: left out")
            example = _example(columns)
            remarks += [f"column '{name}': {example}"] if example else []
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
    share = len(texts) / max(len(values) - len(missing), 1)
    if not texts:
        return Column(values, share)
    text = table.text_at(texts[0], name)
    hint = number_hint(text)
    reads = f", which {hint} reads" if hint and table.form == CsvForm() else ""
    return Column(values, share, f"'{shown(text)}' in line {texts[0]} of {table.path}{reads}")


def _example(columns: Sequence[Column]) -> str:
    """A text in a column that holds texts, "" where there is none."""
    return next((column.example for column in columns if column.text_share > _MOST_TEXTS), "")


def _useless(columns: Sequence[Column], may_be_constant: bool) -> str:
    """The reason why a column cannot be a counter, "" where it can."""
    values = np.concatenate([column.values for column in columns])
    present = values[~np.isnan(values)]
    if any(column.text_share > _MOST_TEXTS for column in columns):
        return "holds texts"
    if not len(present):
        return "is empty"
    if not may_be_constant and np.all(present == present[0]):
        return f"is {present[0]:g} in every row"
    return ""


def _remark_gaps(table: Table, names: Sequence[str]) -> None:
    """Note the missing values of the counters that are used."""
    for name in names:
        _, missing, texts = numbers(table, name)
        done = "windows with them are left out"
        table.remark(f"values of '{name}' are missing", missing, done)
        if texts:
            example = table.text_at(texts[0], name)
            table.remarks.append(
                f"{table.path}: {len(texts)} values of '{name}' are no numbers, as '{example}' "
                f"({listed(texts)}): {done}"
            )
            hint = number_hint(example)
            if hint and table.form == CsvForm():
                table.remarks.append(f"{table.path}: {hint} reads '{example}' as a number")
