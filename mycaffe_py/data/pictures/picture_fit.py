"""A picture brought to a size: stretched, padded, cropped, or by its ink.

By its ink is MNIST's way: the ink's box is scaled to 20/28 of the side with its shape kept, and
placed so that its centre of mass is the centre of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

INK_SHARE = 20 / 28
INK_FLOOR = 0.2


def fitted(image: Pixels, fit: str, height: int, width: int) -> Pixels:
    """Image (C, h, w) as (C, height, width), C = 1 or 3; as it is where it has that size.

    "stretch" resizes it whole. "pad" keeps its shape and fills up with the colour of its border.
    "crop" keeps its shape and cuts off what stands out, the same on both sides. "ink" takes the
    light ink of a gray picture.
    """
    if image.shape[1:] == (height, width):
        return image
    if fit == "ink":
        return centred(image[0], height, width)[np.newaxis]
    if fit == "pad":
        return _padded(image, height, width)
    if fit == "crop":
        return _cropped(image, height, width)
    return resized(image, height, width)


def resized(image: Pixels, height: int, width: int) -> Pixels:
    """Image (C, h, w) as (C, height, width), with smoothing."""
    gray = len(image) == 1
    flat = Image.fromarray(image[0] if gray else np.ascontiguousarray(image.transpose(1, 2, 0)))
    if flat.size != (width, height):
        flat = flat.resize((width, height), Image.Resampling.LANCZOS)
    pixels = np.asarray(flat, dtype=np.uint8)
    return np.ascontiguousarray(pixels[np.newaxis] if gray else pixels.transpose(2, 0, 1))


def _padded(image: Pixels, height: int, width: int) -> Pixels:
    scale = min(height / image.shape[1], width / image.shape[2])
    small = _scaled(image, scale, height, width)
    edges = [image[:, 0], image[:, -1], image[:, :, 0], image[:, :, -1]]
    paper = np.median(np.concatenate(edges, axis=1), axis=1).astype(np.uint8)
    out = np.empty((len(image), height, width), np.uint8)
    out[:] = paper[:, np.newaxis, np.newaxis]
    top, left = (height - small.shape[1]) // 2, (width - small.shape[2]) // 2
    out[:, top : top + small.shape[1], left : left + small.shape[2]] = small
    return out


def _scaled(image: Pixels, scale: float, height: int, width: int) -> Pixels:
    """At `scale` with its shape kept, but at least 1 pixel and at most the size."""
    rows = min(max(1, round(image.shape[1] * scale)), height)
    columns = min(max(1, round(image.shape[2] * scale)), width)
    return resized(image, rows, columns)


def _cropped(image: Pixels, height: int, width: int) -> Pixels:
    """Cut to the shape first: a long strip must not be enlarged as a whole."""
    rows, columns = image.shape[1:]
    scale = max(height / rows, width / columns)
    kept_rows = min(rows, max(1, round(height / scale)))
    kept_columns = min(columns, max(1, round(width / scale)))
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    middle = image[:, top : top + kept_rows, left : left + kept_columns]
    return resized(np.ascontiguousarray(middle), height, width)


def centred(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Light ink on dark `pixels` (h, w), MNIST's way: boxed, scaled, centred by mass."""
    ink = pixels.astype(np.float64) - float(pixels.min())
    ink *= 255 / max(float(ink.max()), 1.0)
    there = ink > 255 * INK_FLOOR
    if not there.any():
        return np.zeros((height, width), np.uint8)
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = INK_SHARE * min(height / box.shape[0], width / box.shape[1])
    size = (max(1, round(box.shape[1] * scale)), max(1, round(box.shape[0] * scale)))
    image = Image.fromarray(box.astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    small = np.asarray(image, np.float64)
    small = small * (255 / max(float(small.max()), 1.0))
    top = _start(small.sum(axis=1), height)
    left = _start(small.sum(axis=0), width)
    out = np.zeros((height, width), np.uint8)
    out[top : top + small.shape[0], left : left + small.shape[1]] = small.round()
    return out


def _start(mass: NDArray[np.float64], length: int) -> int:
    """Where to put `mass` along an axis of `length` pixels so that its centre is the middle."""
    centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    return int(np.clip(round(length / 2 - centre), 0, length - len(mass)))
