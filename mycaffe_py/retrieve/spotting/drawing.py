"""Pictures of what was spotted: a page with boxes, and a sheet of the places cut out."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mycaffe_py.data.pictures.boxed_names import boxed_names, check_boxed_names, check_png
from mycaffe_py.data.pictures.drawn_words import PillowWords
from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.figures import distance_text
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.retrieve.spotting.report import SpottedPage, Spotting

_BOX = (255, 140, 0)
_TOUCHING = (90, 170, 255)
_BACKGROUND = (32, 34, 38)
_INK = (230, 230, 230)
_FONT_PX = 13
_CROP_PX = 64
_GAP = 8
# A page is drawn at most so large; one of 20 million pixels would be as hard to look at.
_LONGEST_PX = 2400


def check_names(out: Path | None, sheet: Path | None, pages: int) -> None:
    """Before any work is done: `out` for so many `pages`, and `sheet`. Errors: no such names."""
    if sheet is not None:
        check_png(sheet, "--sheet")
    check_boxed_names(out, pages)


def write_boxed(spotting: Spotting, out: Path) -> list[Path]:
    """Write each page with its boxes: one page to the file `out`, several into the folder `out`.

    A page without anything on it is not drawn.
    """
    pages = [page for page in spotting.pages if page.pixels is not None]
    asked = len(spotting.pages) + len(spotting.unread)
    files = boxed_names(out, [page.path for page in pages], asked)
    for page, file in zip(pages, files, strict=True):
        picture = boxed(page)
        write_atomically(file, partial(picture.save, format="PNG"))
    return files


def write_sheet(spotting: Spotting, out: Path) -> Path:
    """Write the query and all places, the nearest first, a row of crops for each page."""
    picture = crops(spotting)
    write_atomically(out, partial(picture.save, format="PNG"))
    return out


def boxed(page: SpottedPage) -> Image.Image:
    """The page with a numbered box at each place, the nearest being 1; blue where things touch."""
    assert page.pixels is not None
    picture = as_picture(page.pixels).convert("RGB")
    factor = min(1.0, _LONGEST_PX / max(picture.size))
    if factor < 1:
        picture = picture.resize([max(1, round(side * factor)) for side in picture.size])
    draw = ImageDraw.Draw(picture)
    font = PillowWords([], _FONT_PX).font
    thick = max(1, round(max(picture.size) / 500))
    for number, match in enumerate(page.found, 1):
        x, y, width, height = (value * factor for value in match.box)
        colour = _TOUCHING if match.touching else _BOX
        right, low = max(x + 1, x + width - 1), max(y + 1, y + height - 1)
        draw.rectangle((x, y, right, low), outline=colour, width=thick)
        # Above the box, or where there is no room below it.
        place, anchor = ((x, y - 1), "ls") if y >= _FONT_PX else ((x, low + 1), "lt")
        draw.text(place, str(number), fill=colour, font=font, anchor=anchor)
    return picture


def crops(spotting: Spotting) -> Image.Image:
    """The query at the left; behind it the places of each page with their distances."""
    pages = [page for page in spotting.pages if page.pixels is not None]
    most = max((len(page.found) for page in pages), default=0)
    words = PillowWords([str(page.path) for page in pages], _FONT_PX)
    step_x, step_y = _CROP_PX + _GAP, _CROP_PX + 2 * _FONT_PX + 2 * _GAP
    size = (_GAP + (most + 1) * step_x + _GAP, _GAP + max(1, len(pages)) * step_y)
    sheet = Image.new("RGB", (max(size[0], 6 * step_x), size[1]), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    query = _fitting(as_picture(spotting.query.pixels))
    for row, page in enumerate(pages):
        top = _GAP + row * step_y
        draw.text((_GAP, top), words.drawn(str(page.path), 60), fill=_INK, font=words.font)
        top += _FONT_PX + 4
        sheet.paste(query, (_GAP, top))
        under = top + _CROP_PX + 2
        draw.text((_GAP + _CROP_PX // 2, under), "query", fill=_INK, font=words.font, anchor="ma")
        for column, match in enumerate(page.found, 1):
            x = 2 * _GAP + column * step_x
            sheet.paste(_crop(page, match.box), (x, top))
            text = distance_text(match.distance)
            place = (x + _CROP_PX // 2, under)
            draw.text(place, text, fill=_INK, font=words.font, anchor="ma")
    return sheet


def _crop(page: SpottedPage, box: tuple[float, float, float, float]) -> Image.Image:
    assert page.pixels is not None
    x, y = int(box[0]), int(box[1])
    low, right = int(np.ceil(box[1] + box[3])), int(np.ceil(box[0] + box[2]))
    return _fitting(as_picture(page.pixels[:, y : max(low, y + 1), x : max(right, x + 1)]))


def _fitting(picture: Image.Image) -> Image.Image:
    """The picture in the middle of a square of the sheet, its shape kept."""
    scale = _CROP_PX / max(picture.size)
    size = [max(1, round(side * scale)) for side in picture.size]
    small = picture.convert("RGB").resize(size, Image.Resampling.BILINEAR)
    square = Image.new("RGB", (_CROP_PX, _CROP_PX), _BACKGROUND)
    square.paste(small, ((_CROP_PX - size[0]) // 2, (_CROP_PX - size[1]) // 2))
    return square
