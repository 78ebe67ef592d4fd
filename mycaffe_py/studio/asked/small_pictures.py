"""Arrays as small PNG pictures in the text of an answer."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Values = NDArray[np.floating] | NDArray[np.uint8]


def as_data(pixels: NDArray[np.uint8]) -> str:
    """A picture (C, H, W), C = 1 or 3, values 0-255, as an address that holds it."""
    made = Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))
    file = io.BytesIO()
    made.save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def stretched(values: Values) -> NDArray[np.uint8]:
    """Values of any range as 0-255: the lowest is black, the highest white, others between."""
    finite = np.nan_to_num(np.asarray(values, np.float64), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if high <= low:
        return np.full(finite.shape, 128, np.uint8)
    return np.asarray((finite - low) * (255 / (high - low)), np.uint8)


def tiled(planes: Values, across: int, gap: int = 1) -> NDArray[np.uint8]:
    """Planes (K, H, W), 0-255, beside one another: one picture (1, h, w), `across` in a row."""
    count, height, width = planes.shape
    rows = -(-count // across)
    sheet = np.full((rows * (height + gap) - gap, across * (width + gap) - gap), 96, np.uint8)
    for number, plane in enumerate(planes):
        top, left = number // across * (height + gap), number % across * (width + gap)
        sheet[top : top + height, left : left + width] = plane
    return sheet[np.newaxis]
