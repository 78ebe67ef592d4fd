"""Pictures of another size as OpenCV makes them: between the four nearest pixels, at their centres.

Nothing is averaged when a picture shrinks, whatever the factor. Bytes get OpenCV's whole-number
weights and rounding, to the bit; floats are exact to their last place.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", np.uint8, np.float32, np.float64)
Places = NDArray[np.floating[Any]]

# OpenCV resizes bytes with weights of 11 bits.
_WEIGHT_BITS = 11
_ONE = 1 << _WEIGHT_BITS


def resize(image: NDArray[T], height: int, width: int, step: float | None = None) -> NDArray[T]:
    """Image (C, H, W), of bytes or floats, brought to (C, height, width).

    `step` is how many old pixels lie between two new ones on both axes, where it is not what the
    sizes say.
    """
    if image.shape[1:] == (height, width):
        return image
    across = _places(image.shape[2], width, step)
    down = _places(image.shape[1], height, step)
    if image.dtype == np.uint8:
        return _of_bytes(image, across, down)
    return _of_floats(image, across, down)


def cover(image: NDArray[T], height: int, width: int) -> NDArray[T]:
    """The middle of the image (C, height, width), brought to a size that just covers it."""
    if image.shape[1:] == (height, width):
        return image
    rows, columns = image.shape[1:]
    # OpenCV's factor is a 4-byte float, and its pixels lie by that factor.
    factor = float(max(np.float32(height / rows), np.float32(width / columns)))
    sizes = (max(height, round(rows * factor)), max(width, round(columns * factor)))
    large = resize(image, *sizes, step=1 / factor)
    top, left = (sizes[0] - height) // 2, (sizes[1] - width) // 2
    return large[:, top : top + height, left : left + width]


def _places(before: int, after: int, step: float | None) -> Places:
    """Where among `before` pixels the `after` new ones are read."""
    return (np.arange(after) + 0.5) * (step or before / after) - 0.5


def _neighbours(place: Places, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Places]:
    """For each `place` the two of `size` pixels it lies between, and the share of the second."""
    first = np.floor(place).astype(np.int64)
    return np.clip(first, 0, size - 1), np.clip(first + 1, 0, size - 1), place - first


def _of_bytes(image: NDArray[Any], across: Places, down: Places) -> NDArray[Any]:
    left, right, x_share = _neighbours(across.astype(np.float32), image.shape[2])
    upper, lower, y_share = _neighbours(down.astype(np.float32), image.shape[1])
    x_weight = np.round(x_share * _ONE).astype(np.int32)
    y_weight = np.round(y_share * _ONE).astype(np.int32)[:, np.newaxis]
    # Beyond the outermost pixels OpenCV mixes a row with itself, but takes a column as it is.
    x_weight[left == right] = 0
    wide = image.astype(np.int32)
    rows = wide[:, :, left] * (_ONE - x_weight) + wide[:, :, right] * x_weight
    rows >>= 4
    total = ((rows[:, upper] * (_ONE - y_weight)) >> 16) + ((rows[:, lower] * y_weight) >> 16)
    return ((total + 2) >> 2).astype(np.uint8, order="C")


def _of_floats(image: NDArray[Any], across: Places, down: Places) -> NDArray[Any]:
    left, right, x_share = _neighbours(across, image.shape[2])
    upper, lower, y_share = _neighbours(down, image.shape[1])
    wide = image.astype(np.float64)
    rows = wide[:, :, left] * (1 - x_share) + wide[:, :, right] * x_share
    y_share = y_share[:, np.newaxis]
    total = rows[:, upper] * (1 - y_share) + rows[:, lower] * y_share
    return total.astype(image.dtype)
