"""A CSV file of counters: its rows in the order of time, and all that is odd about it."""

from __future__ import annotations

import csv
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.counters.cells import Cells
from mycaffe_py.data.counters.csv_form import CsvForm, time_hint
from mycaffe_py.errors import UserError, Where, nearest, reason_of
from mycaffe_py.files.other_encoding import other_encoding
from mycaffe_py.printable import shown
from mycaffe_py.proto.file_kind import kind_at

# What stands for a value that is not there.
_MISSING = {"", "-", "na", "n/a", "nan", "null", "none"}
_DELIMITERS = ",;\t"
# Line numbers that are listed before "..." takes over.
_LISTED = 5
_PLAIN = CsvForm()


@dataclass
class Table:
    """Rows of a file sorted by time: `times_s` (n,), `lines` (n,) where they stand, and which
    `rows` (n,) of the text `cells` they are.

    `remarks` says what was found and what was done about it.
    """

    path: Path
    columns: list[str]
    times_s: NDArray[np.float64]
    lines: NDArray[np.int64]
    rows: NDArray[np.int64]
    cells: Cells
    form: CsvForm = _PLAIN
    remarks: list[str] = field(default_factory=list)

    def texts(self, column: str) -> Iterator[str]:
        """The cells of a column, without blanks around them."""
        return self.cells.column(self.columns.index(column), self.rows)

    def text_at(self, line: int, column: str) -> str:
        """The cell of a column in a line of the file."""
        row = int(self.rows[np.flatnonzero(self.lines == line)[0]])
        return self.cells.text(row, self.columns.index(column))

    def remark(self, found: str, lines: Iterable[int], done: str) -> None:
        """Note that `found` on `lines`, and what was done; nothing where there are no lines."""
        told = list(lines)
        if told:
            self.remarks.append(f"{self.path}: {len(told)} {found} ({listed(told)}): {done}")


def listed(lines: Sequence[int]) -> str:
    """ "line 7" or "lines 7, 9, 12, ..."."""
    shown = ", ".join(map(str, sorted(lines)[:_LISTED]))
    return f"line{'s' if len(lines) > 1 else ''} {shown}{', ...' if len(lines) > _LISTED else ''}"


def read_table(path: Path, time_column: str, form: CsvForm = _PLAIN) -> Table:
    """The rows of `path` that have a time; `form` is how numbers and times are written.

    Errors: a file that cannot be read, a header with an empty or repeated name or without
    `time_column`, no row with a time.
    """
    times, lines = array("d"), array("q")
    odd: list[int] = []
    timeless: list[tuple[int, str]] = []
    header: list[str] = []
    with tempfile.TemporaryFile() as file:
        cells = Cells(file)
        for line, row in _rows(path):
            if not header:
                header = row
                place = _place_of(time_column, header, path)
            elif len(row) != len(header):
                odd.append(line)
            elif (time := form.seconds(row[place])) is None:
                # One is shown; of the others the lines are counted.
                timeless.append((line, "" if timeless else row[place]))
            else:
                cells.add(row)
                times.append(time)
                lines.append(line)
        cells.mapped()
    if not times:
        raise _no_times(path, time_column, form, timeless)
    table = Table(
        path,
        header,
        np.array(times, np.float64),
        np.array(lines, np.int64),
        np.arange(len(lines)),
        cells,
        form,
    )
    table.remark(f"rows have not {len(header)} cells as the header has", odd, "left out")
    table.remark("rows have no time that could be read", [line for line, _ in timeless], "left out")
    if timeless:
        table.remarks.append(f"{path}: a time that could not be read is {_example(timeless[0])}")
    _sort(table)
    return table


def _place_of(time_column: str, header: list[str], path: Path) -> int:
    if time_column not in header:
        raise UserError(
            f"there is no column '{time_column}'",
            where=Where(str(path), 1),
            wanted="it holds the times",
            do=nearest(time_column, header),
        )
    return header.index(time_column)


def _no_times(
    path: Path, column: str, form: CsvForm, odd_times: Sequence[tuple[int, str]]
) -> UserError:
    """The error of a file in which no time can be read."""
    known = "ISO 8601, as 2026-03-01T12:00:07, or seconds since 1970"
    hint = "" if form.time_format or not odd_times else time_hint(odd_times[0][1])
    return UserError(
        f"no row has a time in column '{column}'"
        + (f": {_example(odd_times[0])}" if odd_times else ""),
        where=Where(str(path), odd_times[0][0] if odd_times else 1),
        wanted=f"times as {form.time_format}" if form.time_format else known,
        do=f"A data set made with {hint} reads it." if hint else "",
    )


def _example(found: tuple[int, str]) -> str:
    line, text = found
    return f"'{shown(text.strip())}' in line {line}"


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The header, and then each row that is not empty, with their lines."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            delimiter = max(_DELIMITERS, key=first.count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header)
            yield 1, header
            for row in reader:
                if row:
                    yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        kind = "a folder" if path.is_dir() else kind_at(path) if path.is_file() else None
        if kind is None and isinstance(error, UnicodeDecodeError):
            raise other_encoding(path) from error
        raise UserError(
            f"{path} cannot be read: {f'it is {kind}' if kind else reason_of(error)}",
            wanted="a CSV file in UTF-8 with a header line",
        ) from error


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
    table.rows = table.rows[order]


def numbers(table: Table, column: str) -> tuple[NDArray[np.float64], list[int], list[int]]:
    """Values (n,) of a column, NaN where there is none; lines without one, lines with a text."""
    values = np.full(len(table.rows), np.nan)
    missing, texts = [], []
    for number, text in enumerate(table.texts(column)):
        if text.lower() in _MISSING:
            missing.append(int(table.lines[number]))
            continue
        try:
            values[number] = table.form.number(text)
        except ValueError:
            texts.append(int(table.lines[number]))
    endless = np.isinf(values)
    missing += table.lines[endless].tolist()
    values[endless] = np.nan
    return values, missing, texts
