"""What each row of an index was made from: a file or a record, with what tells that it changed.

The file `paths.tsv` has a line for each row: path, size, two times in nanoseconds (of the content,
of the file's entry in its folder) and the sha256 of the content. A record of a data set has the
path `MNIST.testing:17` and no size and times; its sum is that of shape, type and values.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, overload

from mycaffe_py.data.dataset_paths import is_source_name
from mycaffe_py.files.plain_file import check_plain
from mycaffe_py.files.schema import DamagedError

_HEAD = b"path\tsize\tmodified_ns\tmoved_ns\tsha256\n"
_FIELDS = 5
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_MEANT = {escaped: sign for sign, escaped in _ESCAPES.items()}
_TO_ESCAPE = re.compile(r"[\\\t\n\r]")
_ESCAPED = re.compile(r"\\[\\tnr]")
_RECORD = re.compile(r"(.+):([0-9]{1,18})", re.ASCII)


class Stamp(NamedTuple):
    """Size in bytes and times of a file: while they stay, its content is taken to be the same."""

    size: int
    modified_ns: int
    moved_ns: int


class Entry(NamedTuple):
    """Where a row is from. `stamp` is None for a record of a data set."""

    path: str
    stamp: Stamp | None
    sha256: str


def stamp_of(path: Path) -> Stamp:
    """The stamp of a plain file. Errors: OSError."""
    check_plain(path)
    found = path.stat()
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def file_sha256(path: Path) -> str:
    """sha256 (hex) of a file. Errors: OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_record(path: str) -> tuple[str, int] | None:
    """("MNIST.testing", 17) of "MNIST.testing:17"; None for a path of a file."""
    found = _RECORD.fullmatch(path)
    if found is None or not is_source_name(found[1]):
        return None
    return found[1], int(found[2])


def shown_path(path: str) -> str:
    """A path as a terminal shows it: from the folder one is in, where it is below that."""
    if as_record(path) is not None or not path:
        return path
    inside = Path(path).is_relative_to(Path.cwd())
    return os.path.relpath(path) if inside else path


class Entries(Sequence[Entry]):
    """The entries of an index in the order of its rows; a line is understood when it is asked for.

    So a search in a million rows reads the ten lines that it shows.
    """

    def __init__(self, text: bytes) -> None:
        """`text` is all of paths.tsv. Errors: DamagedError."""
        if not text.startswith(_HEAD) or not text.endswith(b"\n"):
            raise DamagedError("its list of paths has no head or no end")
        self._lines = text[len(_HEAD) :].split(b"\n")[:-1]

    @staticmethod
    def none() -> Entries:
        """Those of an index in memory."""
        return Entries(_HEAD)

    def __len__(self) -> int:
        return len(self._lines)

    def row_of(self, path: str) -> int:
        """The row of a path, -1 where there is none."""
        start = os.fsencode(_escaped(path) + "\t")
        for row, line in enumerate(self._lines):
            if line.startswith(start):
                return row
        return -1

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:
        """One entry or several. Errors: DamagedError."""
        if isinstance(place, slice):
            return [_entry(line) for line in self._lines[place]]
        return _entry(self._lines[place])


def entries_text(entries: Iterable[Entry]) -> bytes:
    """paths.tsv."""
    return _HEAD + b"".join(map(_line, entries))


def _line(entry: Entry) -> bytes:
    numbers = ("", "", "") if entry.stamp is None else entry.stamp
    return os.fsencode("\t".join([_escaped(entry.path), *map(str, numbers), entry.sha256]) + "\n")


def _escaped(path: str) -> str:
    return _TO_ESCAPE.sub(lambda sign: _ESCAPES[sign.group()], path)


def _entry(line: bytes) -> Entry:
    fields = os.fsdecode(line).split("\t")
    if len(fields) != _FIELDS:
        raise DamagedError(f"a line of its list of paths has {len(fields)} fields")
    path = _ESCAPED.sub(lambda sign: _MEANT[sign.group()], fields[0])
    try:
        stamp = Stamp(*map(int, fields[1:4])) if fields[1] else None
    except ValueError as error:
        raise DamagedError("a line of its list of paths has times that are no numbers") from error
    return Entry(path, stamp, fields[4])
