"""Convolution by its definition: loops over every output, in float64."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]


def seen(
    shape: Sequence[int], kernel: Pair, stride: Pair, pad: Pair, dilation: Pair, out: Pair
) -> Iterator[tuple[int, int, int, int, int, int]]:
    """(ky, kx, oy, ox, iy, ix) of every tap that lies inside a picture (H, W)."""
    for ky, kx, oy, ox in product(*map(range, (*kernel, *out))):
        iy = oy * stride[0] - pad[0] + ky * dilation[0]
        ix = ox * stride[1] - pad[1] + kx * dilation[1]
        if 0 <= iy < shape[0] and 0 <= ix < shape[1]:
            yield ky, kx, oy, ox, iy, ix


def columns(x: Array, geometry: Sequence[Pair]) -> Array:
    """x (N, C, H, W) -> (C * KH * KW, N * OH * OW)."""
    kernel, _, _, _, out = geometry
    made = np.zeros((x.shape[1], *kernel, x.shape[0], *out))
    for ky, kx, oy, ox, iy, ix in seen(x.shape[2:], *geometry):
        made[:, ky, kx, :, oy, ox] = x[:, :, iy, ix].T
    return made.reshape(x.shape[1] * kernel[0] * kernel[1], -1)


def convolution(
    x: Array, w: Array, b: Array, stride: Pair, pad: Pair, dilation: Pair, out: Pair, group: int
) -> Array:
    """y (N, K, OH, OW) = b + sums of w (K, C / group, KH, KW) times what it sees of x."""
    outputs, channels = w.shape[0], w.shape[1]
    y = np.zeros((x.shape[0], outputs, *out)) + b[:, None, None]
    for k in range(outputs):
        first = k // (outputs // group) * channels
        part = x[:, first : first + channels]
        for ky, kx, oy, ox, iy, ix in seen(x.shape[2:], w.shape[2:], stride, pad, dilation, out):
            y[:, k, oy, ox] += part[:, :, iy, ix] @ w[k, :, ky, kx]
    return y
