"""R-CNN's window files: pictures, each with the windows that were proposed in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mycaffe_py.data.looked_for import unreadable
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.plain_file import read_plain_text


@dataclass(frozen=True)
class RcnnWindow:
    """Pixels (x1, y1) to (x2, y2), both included, of a picture; label 0 is background."""

    picture: Path
    label: int
    x1: int
    y1: int
    x2: int
    y2: int
    where: Where


@dataclass(frozen=True)
class RcnnWindows:
    """The windows of objects and of background; those in between are left out."""

    objects: list[RcnnWindow] = field(default_factory=list)
    background: list[RcnnWindow] = field(default_factory=list)


def read_windows(
    path: Path, root: str, object_overlap: float, background_overlap: float, where: Where
) -> RcnnWindows:
    """Read a window file. `root` is put before each path as it stands.

    For each picture: `# number`, path, channels, height, width, how many windows, and that many
    lines `label overlap x1 y1 x2 y2`. Windows with an overlap of at least `object_overlap` are
    objects; the others, with less than `background_overlap`, are background.
    Errors: a file that does not read so, an object with label 0, no objects or no background.
    """
    try:
        words = _words(path, read_plain_text(path))
    except (OSError, ValueError) as error:
        raise unreadable(f"window file {path}", path, error, where) from error
    windows = RcnnWindows()
    for word, at in words:
        if word != "#":
            raise _unexpected(word, at, "a '#', with which each picture begins")
        _number(words, at)
        _read_picture(words, at, root, object_overlap, background_overlap, windows)
    for found, name in ((windows.objects, "objects"), (windows.background, "background")):
        if not found:
            raise UserError(
                f"window file {path} has no windows of {name}",
                where=where,
                wanted=f"overlap {object_overlap:g} or more is an object, "
                f"less than {background_overlap:g} background; each batch samples both",
            )
    return windows


_Words = Iterator[tuple[str, Where]]


def _words(path: Path, text: str) -> _Words:
    for number, line in enumerate(text.splitlines(), start=1):
        for word in line.split():
            yield word, Where(str(path), number)


def _read_picture(
    words: _Words,
    at: Where,
    root: str,
    object_overlap: float,
    background_overlap: float,
    windows: RcnnWindows,
) -> None:
    name, at = _next(words, at)
    picture = Path(root + name)
    channels = _number(words, at)
    if channels != 3:
        raise UserError(
            f"picture {picture} has {channels:g} channels",
            where=at,
            wanted="windows are read as BGR: 3",
        )
    _number(words, at)
    _number(words, at)
    for _ in range(int(_number(words, at))):
        word, at = _next(words, at)
        label = int(_as_number(word, at))
        overlap = _number(words, at)
        x1, y1, x2, y2 = (int(_number(words, at)) for _ in range(4))
        if overlap >= object_overlap:
            if label < 1:
                raise UserError(f"an object has label {label}", where=at, wanted="0 is background")
            windows.objects.append(RcnnWindow(picture, label, x1, y1, x2, y2, at))
        elif overlap < background_overlap:
            windows.background.append(RcnnWindow(picture, 0, x1, y1, x2, y2, at))


def _next(words: _Words, at: Where) -> tuple[str, Where]:
    found = next(words, None)
    if found is None:
        raise UserError("the window file ends within a picture", where=at)
    return found


def _number(words: _Words, at: Where) -> float:
    return _as_number(*_next(words, at))


def _as_number(word: str, at: Where) -> float:
    try:
        number = float(word)
    except ValueError as error:
        raise _unexpected(word, at, "a number") from error
    if not math.isfinite(number):
        raise _unexpected(word, at, "a finite number")
    return number


def _unexpected(word: str, at: Where, wanted: str) -> UserError:
    return UserError(f"'{word}' stands in the window file", where=at, wanted=f"expected {wanted}")
