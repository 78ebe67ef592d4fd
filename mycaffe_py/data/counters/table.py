"""Floor 2. A CSV file of counters: its rows in the order of time, and all that is odd about it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.times import seconds
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.proto.file_kind import kind_at

# What stands for a value that is not there.
_MISSING = {"", "-", "na", "n/a", "nan", "null", "none"}
_DELIMITERS = ",;\t"
# Line numbers that are listed before "..." takes over.
_LISTED = 5


@dataclass
class Table:
    """Rows of a file sorted by time: `times_s` (n,), `lines` (n,) where they stand, text `cells`.

    `remarks` says what was found and what was done about it.
    """

    path: Path
    columns: list[str]
    times_s: NDArray[np.float64]
    lines: NDArray[np.int64]
    cells: list[list[str]]
    remarks: list[str] = field(default_factory=list)

    def texts(self, column: str) -> list[str]:
        """The cells of a column, without blanks around them."""
        place = self.columns.index(column)
        return [row[place].strip() for row in self.cells]

    def remark(self, found: str, lines: Iterable[int], done: str) -> None:
        """Note that `found` on `lines`, and what was done; nothing where there are no lines."""
        told = list(lines)
        if told:
            self.remarks.append(f"{self.path}: {len(told)} {found} ({listed(told)}): {done}")


def listed(lines: Sequence[int]) -> str:
    """ "line 7" or "lines 7, 9, 12, ..."."""
    shown = ", ".join(map(str, sorted(lines)[:_LISTED]))
    return f"line{'s' if len(lines) > 1 else ''} {shown}{', ...' if len(lines) > _LISTED else ''}"


def read_table(path: Path, time_column: str) -> Table:
    """The rows of `path` that have a time.

    Errors: a file that cannot be read, a header with an empty or repeated name or without
    `time_column`, no row with a time.
    """
    header, rows, odd = _rows(path)
    if time_column not in header:
        raise UserError(
            f"there is no column '{time_column}'",
            where=Where(str(path), 1),
            wanted="it holds the times",
            do=nearest(time_column, header),
        )
    place = header.index(time_column)
    times = [seconds(row[place]) for _, row in rows]
    kept = [number for number, time in enumerate(times) if time is not None]
    timeless = [rows[number][0] for number, time in enumerate(times) if time is None]
    if not kept:
        raise UserError(
            f"no row has a time in column '{time_column}'",
            where=Where(str(path), timeless[0] if timeless else 1),
            wanted="ISO 8601, as 2026-03-01T12:00:07, or seconds since 1970",
        )
    table = Table(
        path,
        header,
        np.array([times[number] for number in kept], dtype=np.float64),
        np.array([rows[number][0] for number in kept], dtype=np.int64),
        [rows[number][1] for number in kept],
    )
    table.remark(f"rows have not {len(header)} cells as the header has", odd, "left out")
    table.remark("rows have no time that could be read", timeless, "left out")
    _sort(table)
    return table


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]], list[int]]:
    """Header, whole rows with their lines, and the lines of rows of another length."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            delimiter = max(_DELIMITERS, key=first.count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        kind = "a folder" if path.is_dir() else kind_at(path) if path.is_file() else None
        raise UserError(
            f"{path} cannot be read: {f'it is {kind}' if kind else error}",
            wanted="a CSV file in UTF-8 with a header line",
        ) from error
    whole = [(line, row) for line, row in rows if len(row) == len(header)]
    return header, whole, [line for line, row in rows if len(row) != len(header)]


def _check_header(path: Path, header: list[str]) -> None:
    for name in header:
        if not name or header.count(name) > 1:
            raise UserError(
                f"the header has an empty name: {header}" if not name else f"two columns '{name}'",
                where=Where(str(path), 1),
                wanted="the first line names each column, each with a name of its own",
            )
    if not header:
        raise UserError(f"{path} is empty", wanted="a CSV file with a header line")


def _sort(table: Table) -> None:
    """Rows in the order of time; of rows with one time the first stays."""
    late = np.flatnonzero(np.diff(table.times_s) < 0) + 1
    table.remark("rows are earlier than the row before them", table.lines[late].tolist(), "sorted")
    order = np.argsort(table.times_s, kind="stable")
    again = np.flatnonzero(np.diff(table.times_s[order]) == 0) + 1
    table.remark(
        "rows have the time of another row", table.lines[order[again]].tolist(), "left out"
    )
    order = np.delete(order, again)
    table.times_s, table.lines = table.times_s[order], table.lines[order]
    table.cells = [table.cells[number] for number in order.tolist()]


def numbers(table: Table, column: str) -> tuple[NDArray[np.float64], list[int], list[int]]:
    """Values (n,) of a column, NaN where there is none; lines without one, lines with a text."""
    values = np.full(len(table.cells), np.nan)
    missing, texts = [], []
    for number, text in enumerate(table.texts(column)):
        if text.lower() in _MISSING:
            missing.append(int(table.lines[number]))
            continue
        try:
            values[number] = float(text)
        except ValueError:
            texts.append(int(table.lines[number]))
    endless = np.isinf(values)
    missing += table.lines[endless].tolist()
    values[endless] = np.nan
    return values, missing, texts
