"""Optical flow and pose, place by place, in float64."""

from __future__ import annotations

from itertools import product
from math import ceil, floor, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def correlation(
    a: Array, b: Array, pad: int, kernel: int, most: int, stride: int, shift: int, subtract: bool
) -> Array:
    """(N, D, h, w) of two maps (N, C, H, W)."""
    a, b = (np.pad(x.astype(float), ((0, 0), (0, 0), (pad, pad), (pad, pad))) for x in (a, b))
    radius, grid = (kernel - 1) // 2, most // shift
    side = 2 * grid + 1
    size = [ceil((length - 2 * (most + radius)) / stride) for length in a.shape[2:]]
    y = np.zeros((len(a), side * side, *size))
    for d, i, j in product(range(side * side), *map(range, size)):
        row, column = i * stride + most, j * stride + most
        down, right = (d // side - grid) * shift, (d % side - grid) * shift
        here = a[:, :, row : row + kernel, column : column + kernel]
        row, column = row + down, column + right
        there = b[:, :, row : row + kernel, column : column + kernel]
        made = abs(here - there) if subtract else here * there
        y[:, d, i, j] = made.mean(axis=(1, 2, 3))
    return y


def warped(x: Array, flow: Array, outside: float) -> Array:
    """x (C, H, W) along a flow (2, H, W)."""
    _, height, width = x.shape
    y = np.full(x.shape, float(outside))
    for i, j in product(range(height), range(width)):
        column, row = j + flow[0, i, j], i + flow[1, i, j]
        if 0 <= column < width and 0 <= row < height:
            total = np.zeros(len(x))
            for u, v in product((0, 1), (0, 1)):
                r, c = floor(row) + u, floor(column) + v
                part = (1 - abs(row - r)) * (1 - abs(column - c))
                total += part * x[:, min(r, height - 1), min(c, width - 1)]
            y[:, i, j] = total
    return y


def channel_length(x: Array) -> Array:
    """(N, 1, H, W)."""
    y = np.zeros((len(x), 1, *x.shape[2:]))
    for n, i, j in product(*map(range, (len(x), *x.shape[2:]))):
        y[n, 0, i, j] = sqrt(sum(float(value) ** 2 for value in x[n, :, i, j]))
    return y


def resampled(x: Array, height: int, width: int, kind: str, antialias: bool) -> Array:
    """x (C, H, W) in another size, all pixels inside weighed together."""
    fx, fy = x.shape[2] / width, x.shape[1] / height
    stretched = antialias and (fx > 1 or fy > 1)
    sx, sy = (fx, fy) if stretched else (1.0, 1.0)

    def weight(d: float) -> float:
        d = abs(d)
        if kind == "LINEAR":
            return max(1 - d, 0)
        if d <= 1:
            return 1.5 * d**3 - 2.5 * d**2 + 1
        return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0

    y = np.zeros((len(x), height, width))
    for i, j in product(range(height), range(width)):
        column, row = j * fx + fy / 2 - 0.5, i * fy + fx / 2 - 0.5
        total = 0.0
        for p, q in product(range(x.shape[1]), range(x.shape[2])):
            part = weight((row - p) / sy) * weight((column - q) / sx)
            y[:, i, j] += part * x[:, p, q]
            total += part
        y[:, i, j] = y[:, i, j] / total if total else 0
    return y


def correlation_of_rows(
    a: Array, b: Array, pad: int, kernel: int, most: int, stride: int, shift: int, way: int
) -> Array:
    """(N, D, h, w) of two maps (N, C, H, W) along their rows."""
    far = 2 * (most + shift + kernel)
    a, b = (np.pad(x.astype(float), ((0, 0), (0, 0), (0, 0), (far, far))) for x in (a, b))
    radius, grid = (kernel - 1) // 2, most // shift
    moves = {0: range(-grid, grid + 1), 1: range(grid + 1), -1: range(-grid - 1, 0)}[way]
    height = ceil((a.shape[2] - 2 * radius) / stride)
    width = ceil((a.shape[3] - 2 * far + 2 * pad - 2 * (most + radius)) / stride)
    y = np.zeros((len(a), len(moves), height, width))
    for (d, move), i, j in product(enumerate(moves), range(height), range(width)):
        row, column = i * stride, far - pad + j * stride + most
        here = a[:, :, row : row + kernel, column : column + kernel]
        column += move * shift
        there = b[:, :, row : row + kernel, column : column + kernel]
        y[:, d, i, j] = (here * there).mean(axis=(1, 2, 3))
    return y


def downsampled(x: Array, height: int, width: int) -> Array:
    """x (C, H, W) made smaller, all pixels weighed together."""
    ry, rx = (x.shape[1] - 1) / (height - 1), (x.shape[2] - 1) / (width - 1)
    y = np.zeros((len(x), height, width))
    for i, j in product(range(height), range(width)):
        total = 0.0
        for p, q in product(range(x.shape[1]), range(x.shape[2])):
            part = max(0, 1 - abs(p - i * ry) / ry) * max(0, 1 - abs(q - j * rx) / rx)
            y[:, i, j] += part * x[:, p, q]
            total += part
        y[:, i, j] /= total
    return y
