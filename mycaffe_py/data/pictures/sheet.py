"""A dataset at a glance: a sheet of sample images, and the mean images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.gathered_source import part_of
from mycaffe_py.data.pictures.drawn_words import PillowWords

_BACKGROUND = (32, 34, 38)
_INK = (230, 230, 230)
_FAINT = (150, 150, 155)
_GAP = 2
_MARGIN = 14
_FONT_PX = 15
# Images are enlarged by whole factors up to about this side, so that pixels stay sharp.
_SIDE_PX = 56
# Label rows of a sheet; a dataset of thousands of classes still gives one picture.
_MOST_ROWS = 40
_MOST_LETTERS = 18


@dataclass(frozen=True)
class _SheetRow:
    """Images (n, C, H, W) with a caption and a remark at the left, or a name under each."""

    images: Images
    caption: str = ""
    remark: str = ""
    under: Sequence[str] = ()


def contact_sheet(source: ArraySource, columns: int = 16) -> Image.Image:
    """The first `columns` images of each label, a row for each, with name and count."""
    counts = np.bincount(source.labels)
    labels = np.flatnonzero(counts)
    rows = []
    for label in labels[:_MOST_ROWS].tolist():
        records = np.flatnonzero(source.labels == label)[:columns]
        rows.append(_SheetRow(source.gather(records), _name(source, label), f"{counts[label]}"))
    title = (
        f"{source.name}: {len(source)} images of {source.shape[2]}x{source.shape[1]}, "
        f"{len(labels)} labels"
    )
    if len(labels) > _MOST_ROWS:
        title += f" (the first {_MOST_ROWS} shown)"
    return _table(title, rows, columns)


def mean_sheet(source: ArraySource, columns: int = 11) -> Image.Image:
    """The mean image of the source, then of each of its first labels."""
    labels = source.present[:_MOST_ROWS].tolist()
    means = [source.mean(), *(_label_mean(source, label) for label in labels)]
    names = ["all", *(_name(source, label) for label in labels)]
    rows = [
        _SheetRow(np.stack(means[start : start + columns]), under=names[start : start + columns])
        for start in range(0, len(means), columns)
    ]
    title = f"{source.name}: mean of all images, then of each label"
    return _table(title, rows, min(columns, len(means)))


def _label_mean(source: ArraySource, label: int) -> NDArray[np.float32]:
    return part_of(source, np.flatnonzero(source.labels == label)).found_mean()


def as_picture(image: NDArray[np.uint8] | NDArray[np.float32]) -> Image.Image:
    """Image (C, H, W) with values 0-255 as a picture; channels beyond three are not shown."""
    pixels = np.clip(np.round(image.astype(np.float64)), 0, 255).astype(np.uint8)
    if len(pixels) < 3:
        return Image.fromarray(pixels[0])
    return Image.fromarray(np.ascontiguousarray(pixels[:3].transpose(1, 2, 0)))


def _name(source: ArraySource, label: int) -> str:
    return source.label_names.get(label, str(label))


def _in_words(row: _SheetRow, words: PillowWords) -> _SheetRow:
    """The same row with its names in letters that the font has."""
    under = [words.drawn(name, _MOST_LETTERS) for name in row.under]
    return replace(row, caption=words.drawn(row.caption, _MOST_LETTERS), under=under)


def _table(title: str, rows: Sequence[_SheetRow], columns: int) -> Image.Image:
    """Rows of images under a title."""
    words = PillowWords([n for row in rows for n in (row.caption, *row.under)], _FONT_PX)
    font = words.font
    rows = [_in_words(row, words) for row in rows]
    height, width = rows[0].images.shape[2:]
    factor = max(1, round(_SIDE_PX / max(height, width)))
    named = _FONT_PX + 8 if rows[0].under else 0
    step_x = width * factor + _GAP
    step_y = max(height * factor + named, 0 if named else 2 * _FONT_PX + 6) + _GAP
    longest = max(font.getlength(text) for row in rows for text in (row.caption, row.remark))
    left = _MARGIN + (int(longest) + _MARGIN if longest else 0)
    top = _MARGIN + _FONT_PX + _MARGIN
    sheet_width = max(left + columns * step_x, _MARGIN + int(font.getlength(title))) + _MARGIN
    sheet = Image.new("RGB", (sheet_width, top + len(rows) * step_y + _MARGIN), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN), title, fill=_INK, font=font)
    for number, row in enumerate(rows):
        y = top + number * step_y
        draw.text((_MARGIN, y), row.caption, fill=_INK, font=font)
        draw.text((_MARGIN, y + _FONT_PX + 3), row.remark, fill=_FAINT, font=font)
        for column, image in enumerate(row.images):
            x = left + column * step_x
            size = (width * factor, height * factor)
            sheet.paste(as_picture(image).resize(size, Image.Resampling.NEAREST), (x, y))
            if row.under:
                place = (x + size[0] // 2, y + size[1] + 2)
                draw.text(place, row.under[column], fill=_INK, font=font, anchor="ma")
    return sheet
