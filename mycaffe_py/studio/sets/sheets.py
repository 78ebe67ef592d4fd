"""Many small pictures in one PNG, so that a page of 60,000 images needs a few elements only."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.studio.sets.browsed import has_lines

ROWS = 8
MOST_COLUMNS = 40
# Larger pictures are brought to this side.
_SIDE = 64
_LINE_SIZE = (96, 48)
# Counters are stored in deviations from their mean.
_DEVIATIONS = 3.0
_MOST_LINES = 12
# The lowest level makes files a third larger in a fifth of the time.
_FAST = 1


def tile_size(source: ArraySource) -> tuple[int, int]:
    """Width and height of one picture of a sheet, in pixels, without the gap of 1 around it."""
    if has_lines(source):
        return _LINE_SIZE
    _, height, width = source.shape
    factor = min(1.0, _SIDE / max(height, width))
    return max(1, round(width * factor)), max(1, round(height * factor))


def sheet(source: ArraySource, records: NDArray[np.int64], columns: int) -> bytes:
    """PNG of the images at `records`, row by row; what is not filled is transparent."""
    width, height = tile_size(source)
    tiles = _lines(source, records) if has_lines(source) else _pictures(source, records)
    step_y, step_x = height + 1, width + 1
    canvas = np.zeros((ROWS * step_y, columns * step_x, tiles.shape[3]), np.uint8)
    for number, tile in enumerate(tiles):
        y, x = number // columns * step_y, number % columns * step_x
        canvas[y : y + height, x : x + width] = tile
    return png(Image.fromarray(canvas, "LA" if canvas.shape[2] == 2 else "RGBA"))


def png(picture: Image.Image) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    picture.save(file, format="PNG", compress_level=_FAST)
    return file.getvalue()


def bytes_of(images: NDArray[Any]) -> NDArray[np.uint8]:
    """Images (n, C, H, W) as bytes (n, H, W, 1 or 3): bytes as they are, else darkest to lightest.

    Of two channels or more than three the first one, or the first three.
    """
    shown = images[:, :3] if images.shape[1] >= 3 else images[:, :1]
    if shown.dtype != np.uint8:
        values = np.nan_to_num(shown.astype(np.float32))
        low = values.min(axis=(1, 2, 3), keepdims=True)
        span = np.maximum(values.max(axis=(1, 2, 3), keepdims=True) - low, 1e-12)
        shown = np.round((values - low) / span * 255).astype(np.uint8)
    return np.ascontiguousarray(shown.transpose(0, 2, 3, 1))


def picture_of(image: Images) -> Image.Image:
    """One image (C, H, W) as a picture."""
    pixels = bytes_of(image[np.newaxis])[0]
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def _pictures(source: ArraySource, records: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Tiles (n, h, w, 2 or 4), the last channel opaque."""
    width, height = tile_size(source)
    pixels = bytes_of(source.gather(records))
    if pixels.shape[1:3] != (height, width):
        small = np.empty((len(pixels), height, width, pixels.shape[3]), np.uint8)
        for number, one in enumerate(pixels):
            picture = Image.fromarray(one[:, :, 0] if one.shape[2] == 1 else one)
            resized = picture.resize((width, height), Image.Resampling.BOX)
            small[number] = np.asarray(resized).reshape(height, width, -1)
        pixels = small
    opaque = np.full((*pixels.shape[:3], 1), 255, np.uint8)
    return np.concatenate([pixels, opaque], axis=3)


def _lines(source: ArraySource, records: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Tiles (n, h, w, 4): a line for each counter over time, or one over the features."""
    width, height = _LINE_SIZE
    tiles = np.zeros((len(records), height, width, 4), np.uint8)
    items = np.nan_to_num(source.gather(records).astype(np.float32))
    # (n, T, F): steps and counters; features are one line of D steps.
    series = items[:, 0] if source.counters else items.reshape(len(items), -1, 1)
    colours = [one.colour for one in shown_classes([str(n) for n in range(_MOST_LINES)])]
    for number, values in enumerate(series):
        tile = Image.new("RGBA", (width, height))
        draw = ImageDraw.Draw(tile)
        for line, colour in zip(values.T[:_MOST_LINES], colours, strict=False):
            draw.line(_places(line, bool(source.counters)), fill=colour)
        tiles[number] = np.asarray(tile)
    return tiles


def _places(line: NDArray[np.float32], counter: bool) -> list[tuple[float, float]]:
    width, height = _LINE_SIZE
    low, high = (-_DEVIATIONS, _DEVIATIONS) if counter else (float(line.min()), float(line.max()))
    share = (np.clip(line, low, high) - low) / max(high - low, 1e-12)
    x = np.linspace(1, width - 2, len(line))
    y = (height - 3) * (1 - share) + 1
    return list(zip(x.tolist(), y.tolist(), strict=True))
