"""Floor 7. A picture from anywhere, brought to the size and the look of a net's training pictures.

MNIST's way: white ink on black, the digit's box scaled to 20/28 of the side with its shape kept,
and placed so that its centre of mass is the centre of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.picture import UnreadableError, read_pixels
from mycaffe_py.errors import UserError

INK_SHARE = 20 / 28
INK_FLOOR = 0.2


@dataclass(frozen=True)
class Drawn:
    """Pixels (C, H, W), 0-255, and what was done to get them, for people."""

    pixels: NDArray[np.uint8]
    done: tuple[str, ...]


def read_picture(path: Path, shape: tuple[int, int, int]) -> Drawn:
    """Read the picture at `path` (any format and mode Pillow knows) for a net of (C, H, W).

    For gray nets a picture that is dark on light is inverted, and one of another size is brought
    to size MNIST's way; colour pictures are resized as a whole.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise UserError(f"the net wants {channels} channels", wanted="a picture has 1 or 3")
    pixels = _pixels(path, gray=channels == 1)
    done: list[str] = []
    size = f"{pixels.shape[2]}x{pixels.shape[1]} to {width}x{height}"
    if channels == 3:
        if pixels.shape[1:] != (height, width):
            done.append(f"resized from {size}")
            pixels = _pixels(path, gray=False, size=(width, height))
        return Drawn(pixels, tuple(done))
    gray = pixels[0]
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    if np.median(border) > 127:
        gray = 255 - gray
        done.append("dark on light, so inverted")
    if gray.shape != (height, width):
        done.append(f"brought from {size}")
        gray = centred(gray, height, width)
    if gray.min() == gray.max():
        raise UserError(f"picture '{path}' is empty: every pixel has the same brightness")
    return Drawn(np.ascontiguousarray(gray[np.newaxis]), tuple(done))


def _pixels(path: Path, gray: bool, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    if not path.is_file():
        found = "is a folder, no picture" if path.is_dir() else "is not there"
        raise UserError(f"'{path}' {found}")
    try:
        return read_pixels(path, gray, size)
    except UnreadableError as error:
        raise UserError(f"'{path}' cannot be read as a picture: {error}") from error


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


def _start(mass: NDArray[np.float64], room: int) -> int:
    """Where to put `mass` along an axis of `room` pixels so that its centre is the middle."""
    centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    return int(np.clip(round(room / 2 - centre), 0, room - len(mass)))
