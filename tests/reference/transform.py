"""Transforms of images as loops in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def transform(
    images: Array, mean: Array, scale: float, mirror: Array, corner: Array, size: tuple[int, int]
) -> Array:
    """(M, C, h, w): crop, flip, subtract the mean of the same place, multiply."""
    height, width = size
    out = np.empty((len(images), images.shape[1], height, width))
    for m, image in enumerate(images.astype(float)):
        top, left = corner[m]
        window = (image - mean)[:, top : top + height, left : left + width] * scale
        out[m] = window[:, :, ::-1] if mirror[m] else window
    return out


def warp(images: Array, matrix: Array, fill: float) -> Array:
    """(M, C, H, W): each pixel read at matrix @ (row, column, 1), bilinear, `fill` outside."""
    out = np.empty(images.shape)
    for m, image in enumerate(images.astype(float)):
        for row in range(image.shape[1]):
            for column in range(image.shape[2]):
                y, x = matrix[m] @ (row, column, 1)
                out[m, :, row, column] = _between(image, y, x, fill)
    return out


def _between(image: Array, y: float, x: float, fill: float) -> Array:
    y0, x0 = math.floor(y), math.floor(x)
    total = np.zeros(len(image))
    for row in (y0, y0 + 1):
        for column in (x0, x0 + 1):
            weight = (1 - abs(y - row)) * (1 - abs(x - column))
            inside = 0 <= row < image.shape[1] and 0 <= column < image.shape[2]
            total += weight * (image[:, row, column] if inside else fill)
    return total
