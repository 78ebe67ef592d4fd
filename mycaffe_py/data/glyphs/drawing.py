"""One character as if written by hand: a glyph of a font, bent, and gone over with another pen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mycaffe_py.data.pictures.picture_fit import centred

SIDE = 28
# A glyph is drawn with its longer side at this length, in the middle of a square of _ROOM.
_GLYPH_PX = 64
_ROOM = 112
# The corners of _CELLS x _CELLS cells are moved, and what is in them goes along.
_CELLS = 4
# How far at most, as shares of the glyph: turn in radians, slant, change of a side, bend.
_TURN, _SLANT, _STRETCH, _BEND = 0.22, 0.3, 0.2, 0.055
# Strokes are this wide, in pixels of the large drawing: 1.9 to 4.4 pixels of 28.
_THINNEST, _THICKEST = 6.0, 14.0
# At most this share of the box becomes ink, unless so much of it is from the start.
_FILL, _SOLID = 0.5, 0.6
# From here on a pixel counts as ink; hairlines are pale.
_INK = 64
_OFTEN = 64


def reference(font: Path, character: int) -> NDArray[np.uint8] | None:
    """The glyph (SIDE, SIDE) of a font as it is, light on dark; None where it has no ink."""
    large = _large(str(font), character)
    return None if large is None else centred(large, SIDE, SIDE)


def written(font: Path, character: int, random: np.random.Generator) -> NDArray[np.uint8] | None:
    """The glyph (SIDE, SIDE) as `random` writes it, light on dark; None where it has no ink.

    Slanted, turned, stretched and bent; then the strokes become as wide as those of one pen.
    """
    corners, pen = _corners(random), random.uniform(_THINNEST, _THICKEST)
    large = _large(str(font), character)
    if large is None:
        return None
    image = Image.fromarray(large).transform(
        (_ROOM, _ROOM), Image.Transform.MESH, _mesh(corners), Image.Resampling.BILINEAR
    )
    drawn = np.asarray(_with_pen(image, pen))
    return centred(drawn, SIDE, SIDE) if drawn.any() else None


@lru_cache(maxsize=_OFTEN)
def _large(font: str, character: int) -> NDArray[np.uint8] | None:
    """The glyph (_ROOM, _ROOM). Errors: OSError for a font that Pillow cannot draw."""
    sign = chr(character)
    face = _face(font, 64)
    left, top, right, bottom = face.getbbox(sign)
    longer = max(right - left, bottom - top)
    if longer < 1:
        return None
    face = _face(font, max(8, min(256, round(64 * _GLYPH_PX / longer))))
    left, top, right, bottom = face.getbbox(sign)
    image = Image.new("L", (_ROOM, _ROOM))
    at = ((_ROOM - right - left) / 2, (_ROOM - bottom - top) / 2)
    ImageDraw.Draw(image).text(at, sign, fill=255, font=face)
    drawn = np.asarray(image)
    return drawn if drawn.any() else None


@lru_cache(maxsize=_OFTEN)
def _face(font: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)


def _corners(random: np.random.Generator) -> NDArray[np.float64]:
    """(_CELLS + 1, _CELLS + 1, 2): where each corner (x, y) of the drawing is read."""
    even = random.uniform(-1, 1, 4)
    turn, slant = _TURN * even[0], _SLANT * even[1]
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, slant], [0, 1]])
    matrix = matrix * (1 + _STRETCH * even[2:])[:, np.newaxis]
    line = np.linspace(0, _ROOM, _CELLS + 1)
    grid = np.stack(np.meshgrid(line, line), axis=-1)
    bend = random.normal(0, _BEND * _GLYPH_PX, grid.shape)
    moved: NDArray[np.float64] = (grid - _ROOM / 2) @ matrix.T + _ROOM / 2 + bend
    return moved


def _mesh(
    corners: NDArray[np.float64],
) -> list[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """Each cell's box and the four corners it is read from, as Pillow wants them."""
    step = _ROOM // _CELLS
    mesh = []
    for row in range(_CELLS):
        for column in range(_CELLS):
            box = (column * step, row * step, (column + 1) * step, (row + 1) * step)
            around = [(row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)]
            mesh.append((box, tuple(float(x) for place in around for x in corners[place])))
    return mesh


def _with_pen(image: Image.Image, pen: float) -> Image.Image:
    """Strokes made wider or narrower by whole pixels until they are about `pen` wide.

    The width of a stroke is twice its area by the length of its outline; half of that is the length
    of all strokes, which shall not fill the box they are in.
    """
    ink = np.asarray(image) > _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return image
    box = int(rows[-1] - rows[0] + 1) * int(columns[-1] - columns[0] + 1)
    inner = ink[1:-1, 1:-1] & ink[:-2, 1:-1] & ink[2:, 1:-1] & ink[1:-1, :-2] & ink[1:-1, 2:]
    area = int(ink.sum())
    outline = area - int(inner.sum())
    width = 2 * area / max(1, outline)
    # A bar or a dot fills its box.
    most = max(_THINNEST, width) if area > _SOLID * box else _FILL * 2 * box / max(1, outline)
    steps = round((min(pen, most) - width) / 2)
    for number in range(steps):
        image = image.filter(ImageFilter.MaxFilter(3)) if number % 2 == 0 else _crossed(image)
    return (_thinner(image, -steps) if steps < 0 else image).filter(ImageFilter.GaussianBlur(1))


def _crossed(image: Image.Image) -> Image.Image:
    """One pixel wider up, down and sideways alone: with MaxFilter in turn, corners stay round."""
    pixels = np.asarray(image)
    out = pixels.copy()
    np.maximum(out[1:], pixels[:-1], out=out[1:])
    np.maximum(out[:-1], pixels[1:], out=out[:-1])
    np.maximum(out[:, 1:], pixels[:, :-1], out=out[:, 1:])
    np.maximum(out[:, :-1], pixels[:, 1:], out=out[:, :-1])
    return Image.fromarray(out)


def _thinner(image: Image.Image, steps: int) -> Image.Image:
    """Narrower by up to `steps` pixels at each side; strokes that would go stay as they are.

    A font with thick and thin strokes would lose the thin ones.
    """
    for _ in range(steps):
        less = image.filter(ImageFilter.MinFilter(3))
        there = np.asarray(less.filter(ImageFilter.MaxFilter(3))) > 127
        lost = np.where(there, 0, np.asarray(image)).astype(np.uint8)
        image = Image.fromarray(np.maximum(np.asarray(less), lost))
    return image
