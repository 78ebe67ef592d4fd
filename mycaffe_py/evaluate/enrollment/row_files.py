"""Rows and alarms as CSV files and JSON lines, written while they come."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from mycaffe_py.evaluate.enrollment.alarms import Alarm
from mycaffe_py.evaluate.enrollment.asked_files import STANDARD
from mycaffe_py.evaluate.enrollment.stream import Row
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.printable import storable

# The columns of a CSV file of rows; those of windows have times.
ROW_COLUMNS = (
    "file", "start", "end", "label", "distance", "nearest", "unknown", "enrolled", "threshold",
    "error",
)  # fmt: skip
ALARM_COLUMNS = ("file", "start", "end", "class", "windows", "distance")
_LINES = ".jsonl"

Write = Callable[[Mapping[str, Any]], None]


def csv_writer(file: TextIO, columns: Sequence[str]) -> Write:
    """Writes the header now, and a line for each object that it is given."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(columns)

    def write(told: Mapping[str, Any]) -> None:
        rows.writerow([_cell(told.get(column)) for column in columns])
        file.flush()

    return write


def json_writer(file: TextIO) -> Write:
    """Writes each object that it is given as a line of JSON."""

    def write(told: Mapping[str, Any]) -> None:
        file.write(json.dumps(told) + "\n")
        file.flush()

    return write


def alarm_writer(file: TextIO, path: Path) -> Write:
    """JSON lines for a file called *.jsonl, CSV for every other one."""
    if path.suffix.lower() == _LINES:
        return json_writer(file)
    return csv_writer(file, ALARM_COLUMNS)


def write_together(paths: Sequence[Path], produce: Callable[[Sequence[TextIO]], None]) -> None:
    """Call `produce` with a text file for each of `paths`; all appear when it is done.

    "-" is standard output, which gets each line at once.
    """
    files: list[TextIO] = []

    def go_on(number: int) -> None:
        if number == len(paths):
            produce(files)
        elif paths[number] == STANDARD:
            files.append(sys.stdout)
            go_on(number + 1)
        else:
            write_atomically(paths[number], lambda raw: opened(raw, number))

    def opened(raw: BinaryIO, number: int) -> None:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        files.append(file)
        try:
            go_on(number + 1)
        finally:
            # The file itself is closed by whoever opened it.
            file.detach()

    go_on(0)


def row_facts(row: Row) -> dict[str, Any]:
    """A row as its CSV file has it; names that are no UTF-8 are written out."""
    facts = row.as_json()
    return {name: storable(v) if isinstance(v, str) else v for name, v in facts.items()}


def told_alarms(alarms: Iterator[Alarm], write: Write | None) -> int:
    """Write each of `alarms`; how many there were."""
    count = 0
    for alarm in alarms:
        count += 1
        if write is not None:
            write(alarm.as_json())
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.9g}" if isinstance(value, float) else str(value)
