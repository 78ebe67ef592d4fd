"""A sheet of rows of pictures: one at the left, others beside it, with a frame where judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mycaffe_py.data.pictures.drawn_words import Font, PillowWords
from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.files.atomic import write_atomically

_TILE_PX = 72
_FRAME_PX = 3
_TEXT_PX = 13
_GAP_PX = 8
# Lines of words under a picture.
_LINES = 2
# A larger sheet takes long to make and no viewer shows it.
_MOST_ROWS = 200
_PAPER = (32, 34, 38)
_INK = (230, 230, 230)
_FAINT = (90, 92, 98)
_RIGHT, _WRONG = (70, 190, 90), (225, 75, 65)


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture of a sheet: `image` (C, H, W), None where it can no longer be had.

    `words` stand under it, two lines. `right`: a green frame, a red one, or with None none.
    """

    image: NDArray[Any] | None = field(repr=False)
    words: tuple[str, ...] = ()
    right: bool | None = None


def draw_rows(path: Path, title: str, rows: Sequence[Sequence[Shown]], apart: bool = True) -> int:
    """Write the PNG `path` and return how many rows it shows (at most 200).

    With `apart` the first picture of each row stands apart from the others.
    """
    shown = rows[:_MOST_ROWS]
    columns = max((len(row) for row in shown), default=1)
    words = PillowWords([w for row in shown for one in row for w in one.words], _TEXT_PX)
    step_x = _TILE_PX + 2 * _FRAME_PX + _GAP_PX
    step_y = _TILE_PX + 2 * _FRAME_PX + _LINES * (_TEXT_PX + 2) + _GAP_PX
    top = _TEXT_PX + 3 * _GAP_PX
    width = max(columns * step_x + (step_x // 2 if apart else 0), _width(title, words.font))
    size = (width + 2 * _GAP_PX, top + len(shown) * step_y + _GAP_PX)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_GAP_PX, _GAP_PX), words.drawn(title), _INK, words.font)
    for number, row in enumerate(shown):
        for column, one in enumerate(row):
            left = _GAP_PX + column * step_x + (step_x // 2 if apart and column else 0)
            _draw(sheet, pen, words, one, (left, top + number * step_y))
    write_atomically(path, lambda file: sheet.save(file, "PNG"))
    return len(shown)


def _draw(
    sheet: Image.Image,
    pen: ImageDraw.ImageDraw,
    words: PillowWords,
    one: Shown,
    place: tuple[int, int],
) -> None:
    left, top = place
    outer = _TILE_PX + 2 * _FRAME_PX
    colour = {None: _PAPER, True: _RIGHT, False: _WRONG}[one.right]
    pen.rectangle((left, top, left + outer - 1, top + outer - 1), fill=colour)
    inner = (left + _FRAME_PX, top + _FRAME_PX)
    end = (inner[0] + _TILE_PX - 1, inner[1] + _TILE_PX - 1)
    pen.rectangle((*inner, *end), fill=_PAPER)
    if one.image is None:
        pen.line((*inner, *end), _FAINT, 2)
    else:
        tile = small_tile(one.image, _TILE_PX)
        inside = ((_TILE_PX - tile.width) // 2, (_TILE_PX - tile.height) // 2)
        sheet.paste(tile, (inner[0] + inside[0], inner[1] + inside[1]))
    for line, text in enumerate(one.words[:_LINES]):
        y = top + outer + line * (_TEXT_PX + 2)
        pen.text((left, y), _fitting(words.drawn(text), words.font, outer), _INK, words.font)


def small_tile(image: NDArray[Any], side_px: int) -> Image.Image:
    """Image (C, H, W) in its own shape, as large as fits; small ones with sharp pixels."""
    picture = as_picture(_as_bytes(image))
    scale = min(side_px / picture.width, side_px / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    way = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.LANCZOS
    return picture.resize(size, way).convert("RGB")


def _as_bytes(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Windows of counters (C, H, W) have values of any size: the lowest becomes black."""
    if image.dtype == np.uint8:
        return image
    low, high = float(image.min()), float(image.max())
    spread = (image.astype(np.float64) - low) * (255 / (high - low) if high > low else 0)
    return spread.astype(np.uint8)


def _fitting(text: str, font: Font, most_px: int) -> str:
    while len(text) > 1 and font.getlength(text) > most_px:
        text = f"{text[:-2]}…"
    return text


def _width(text: str, font: Font) -> int:
    return int(font.getlength(text)) + 1
