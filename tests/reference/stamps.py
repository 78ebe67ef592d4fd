"""Transposed convolution and patches as a student would write them: loops over everything."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def deconvolution(x: Array, w: Array, stride: int, pad: int, dilation: int, group: int) -> Array:
    """y (N, K, OH, OW) of x (N, C, H, W) and w (C, K / group, KH, KW), without bias."""
    rows, channels, height, width = x.shape
    taps = w.shape[2:]
    part = channels // group
    extent = [
        (size - 1) * stride + dilation * (k - 1) + 1
        for size, k in zip(x.shape[2:], taps, strict=True)
    ]
    y = np.zeros((rows, w.shape[1] * group, *extent))
    for n, c, i, j in np.ndindex(rows, channels, height, width):
        for o, ky, kx in np.ndindex(w.shape[1:]):
            place = (i * stride + ky * dilation, j * stride + kx * dilation)
            y[(n, c // part * w.shape[1] + o, *place)] += x[n, c, i, j] * w[c, o, ky, kx]
    return y[:, :, pad : extent[0] - pad, pad : extent[1] - pad]


def patches(x: Array, kernel: int, stride: int, pad: int) -> Array:
    """y (N, C * kernel^2, OH, OW) of x (N, C, H, W), channel slowest, then tap rows."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = [(size - kernel) // stride + 1 for size in padded.shape[2:]]
    y = np.zeros((len(x), x.shape[1] * kernel * kernel, *out))
    for c, ky, kx, i, j in np.ndindex(x.shape[1], kernel, kernel, *out):
        line = (c * kernel + ky) * kernel + kx
        y[:, line, i, j] = padded[:, c, i * stride + ky, j * stride + kx]
    return y
