"""Portions of frames: a CSV file that says where in which picture something of a class is."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.data.pictures.deep_picture import UnreadableError
from mycaffe_py.errors import UserError, Where, nearest, reason_of
from mycaffe_py.files.other_encoding import other_encoding
from mycaffe_py.proto.file_kind import kind_at

COLUMNS = ("path", "x", "y", "w", "h", "label")
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Box:
    """A portion of a picture, in pixels of the upright picture: left, top, width, height.

    `line` is where it stands in the file, 0 for one that stands in none.
    """

    x: int
    y: int
    w: int
    h: int
    line: int = 0

    def rows_and_columns(self, shape: Sequence[int]) -> tuple[slice, slice]:
        """What to cut out of pixels (C, H, W). Errors: UnreadableError where it stands out."""
        _, height, width = shape
        if self.x + self.w > width or self.y + self.h > height:
            line = f" of line {self.line}" if self.line else ""
            raise UnreadableError(
                f"its box {self.x},{self.y},{self.w},{self.h}{line} stands out of its "
                f"{width}x{height} pixels"
            )
        return slice(self.y, self.y + self.h), slice(self.x, self.x + self.w)


@dataclass(frozen=True)
class BoxRow:
    """One line of the file."""

    path: Path
    box: Box
    label: str


def read_boxes(file: Path, folder: Path) -> list[BoxRow]:
    """The rows of `file` in their order; paths count from `folder`.

    Columns are parted by comma, semicolon or tab. The first line names them, in any order; without
    names they are those of COLUMNS. Errors: a file that cannot be read, a column that is missing, a
    number that is none, a box without pixels, a label that is empty, a line that stands twice.
    """
    rows = _rows(file)
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    if not rows:
        raise UserError(f"{file} is empty", wanted=f"columns {', '.join(COLUMNS)}")
    if any(name in COLUMNS for name in header):
        rows = rows[1:]
    elif len(header) == len(COLUMNS):
        header = list(COLUMNS)
    lacking = [name for name in COLUMNS if name not in header]
    if lacking:
        raise UserError(
            f"there is no column '{lacking[0]}'",
            where=Where(str(file), 1),
            wanted=f"columns {', '.join(COLUMNS)}",
            do=nearest(lacking[0], header),
        )
    seen: dict[tuple[Path, int, int, int, int, str], int] = {}
    made = []
    for line, cells in rows:
        row = _row(dict(zip(header, cells, strict=False)), Where(str(file), line), folder)
        key = (row.path, row.box.x, row.box.y, row.box.w, row.box.h, row.label)
        if key in seen:
            raise UserError(
                f"the same box as in line {seen[key]}",
                where=Where(str(file), line),
                do="Remove one of the two.",
            )
        seen[key] = line
        made.append(row)
    if not made:
        raise UserError(f"{file} has no boxes", wanted="a line for each box")
    return made


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            text.seek(0)
            reader = csv.reader(text, delimiter=max(_DELIMITERS, key=first.count))
            return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        kind = "a folder" if file.is_dir() else kind_at(file) if file.is_file() else None
        if kind is None and isinstance(error, UnicodeDecodeError):
            raise other_encoding(file) from error
        raise UserError(
            f"{file} cannot be read: {f'it is {kind}' if kind else reason_of(error)}",
            wanted=f"a CSV file in UTF-8 with columns {', '.join(COLUMNS)}",
        ) from error


def _row(cells: dict[str, str], where: Where, folder: Path) -> BoxRow:
    numbers = {name: _number(name, cells.get(name, ""), where) for name in ("x", "y", "w", "h")}
    path, label = (cells.get(name, "").strip() for name in ("path", "label"))
    for name, text in (("path", path), ("label", label)):
        if not text:
            raise UserError(f"the column '{name}' is empty", where=where)
    if min(numbers.values()) < 0 or not (numbers["w"] and numbers["h"]):
        raise UserError(
            f"the box {','.join(str(number) for number in numbers.values())} has no pixels",
            where=where,
            wanted="x and y from 0, w and h from 1",
        )
    return BoxRow(folder / path, Box(**numbers, line=where.line or 0), label)


def _number(name: str, text: str, where: Where) -> int:
    """A number of pixels; parts of a pixel, as detectors write them, are rounded."""
    try:
        return round(float(text))
    except (ValueError, OverflowError) as error:
        raise UserError(
            f"{name} is '{text.strip()}'", where=where, wanted="a number of pixels"
        ) from error
