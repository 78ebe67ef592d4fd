"""The files that a user asks about: named one by one, in folders, or in a list."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from mycaffe_py.errors import UserError

# In place of a file: the list is read from standard input.
STANDARD = Path("-")
_SHEET = {".csv"}


def asked_files(paths: Iterable[Path], lists: Iterable[Path], sheets: bool) -> Iterator[Path]:
    """The files of `paths`, then those of `lists`, which name one a line, in this order.

    A folder stands for all files below it that a net takes, in the order of their paths: `sheets`
    of counters, or pictures. Hidden ones are left out.
    Errors: a folder without such files, a list that is not there, is no text or is empty.
    """
    for path in paths:
        if path == STANDARD:
            yield from _listed(path, sheets)
        else:
            yield from _files_of(path, sheets)
    for path in lists:
        yield from _listed(path, sheets)


def _files_of(path: Path, sheets: bool) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = files_below(path, sheets)
    if not found:
        kind = "CSV files" if sheets else "pictures"
        raise UserError(f"there are no {kind} in the folder '{path}'")
    yield from found


def files_below(folder: Path, sheets: bool) -> list[Path]:
    """The pictures below `folder`, or the `sheets` of counters, sorted by path."""
    if not sheets:
        Image.init()
    endings = _SHEET if sheets else set(Image.registered_extensions())
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in endings
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _listed(path: Path, sheets: bool) -> Iterator[Path]:
    """The files that a list names: from the current folder, else from that of the list."""
    named = False
    for line in _lines(path):
        if not line:
            continue
        named = True
        file = Path(line)
        beside = path.parent / file
        if path != STANDARD and not file.exists() and beside.exists():
            file = beside
        yield from _files_of(file, sheets)
    if not named:
        where = "standard input" if path == STANDARD else f"the list '{path}'"
        raise UserError(f"{where} names no file", wanted="the path of a file in each line")


def _lines(path: Path) -> Iterator[str]:
    if path == STANDARD:
        yield from (line.strip("\r\n") for line in sys.stdin)
        return
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
            for line in file:
                if "\0" in line:
                    raise UserError(
                        f"'{path}' is no list of files", wanted="a text, one path in each line"
                    )
                yield line.strip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"the list '{path}' cannot be read: {reason}") from error
