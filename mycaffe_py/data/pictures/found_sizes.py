"""The sizes of pictures that are to become one size, and which size to take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from mycaffe_py.data.pictures.boxes import Box
from mycaffe_py.data.pictures.deep_picture import UnreadableError
from mycaffe_py.data.pictures.picture_file import opened_picture
from mycaffe_py.errors import UserError

# Sides that nets are usual for, and the largest that learns in minutes on a processor.
_USUAL = (28, 32, 48, 64)
_SHOWN = 5
_Size = tuple[int, int]
# A camera's mark, and its values for a picture that lies on its side.
_ORIENTATION = 0x0112
_ON_THE_SIDE = (5, 6, 7, 8)


def size_of_file(path: Path, box: Box | None = None) -> _Size | None:
    """(width, height) of an upright picture by its head, or of a box; None where it has none."""
    if box is not None:
        return box.w, box.h
    try:
        with opened_picture(path) as image:
            turned = image.getexif().get(_ORIENTATION, 1) in _ON_THE_SIDE
            return (image.height, image.width) if turned else (image.width, image.height)
    except UnreadableError:
        return None


def several_sizes(sizes: Sequence[_Size], first: str, command: str) -> UserError:
    """The error that lists the `sizes` (width, height) found and ends in a command to paste.

    `first` tells which two pictures differ; `command` is the one that was given, "" for none.
    """
    counts = Counter(sizes)
    listed = ", ".join(f"{n} of {w}x{h}" for (w, h), n in counts.most_common(_SHOWN))
    more = f" and {len(counts) - _SHOWN:,} more sizes" if len(counts) > _SHOWN else ""
    sides = sorted(sizes)
    widths, heights = sorted(w for w, _ in sides), sorted(h for _, h in sides)
    found = (
        f"{first}; {len(counts):,} sizes in all, {widths[0]} to {widths[-1]} wide and "
        f"{heights[0]} to {heights[-1]} high: {listed}{more}"
    )
    do = "Pass --size WIDTHxHEIGHT to bring them to one; --fit says how."
    if command:
        side = _side(min(size) for size in sizes)
        do += f" For example:\n  {command.replace('{size}', f'{side}x{side}')}"
    return UserError(found, wanted="all images of a source have one size", do=do)


def _side(shorter: Iterable[int]) -> int:
    """The largest usual side that half of the pictures have, or their own where it is smaller."""
    sides = sorted(shorter)
    middle = sides[len(sides) // 2]
    return max((side for side in _USUAL if side <= middle), default=middle)
