"""Pictures in blocks of channels, made and read by numpy alone, and slow references."""

from __future__ import annotations

from typing import Any

import numpy as np

from mycaffe_py.kernels.blocked.storage import stored_elements
from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes


def to_flat(x: Any, whole: int | None = None) -> Any:
    """x (N, C, H, W) as the kernels have it, at the front of `whole` channels; NaN behind."""
    images, channels, height, width = x.shape
    size = lanes(x.dtype)
    blocks, all_blocks = -(-channels // size), -(-(whole or channels) // size)
    full = np.full((images, all_blocks * size, height, width), np.nan, x.dtype)
    full[:, : blocks * size] = 0
    full[:, :channels] = x
    shape = (images, all_blocks * size, height, width)
    found = aligned_empty((stored_elements(shape, x.dtype),), x.dtype)
    found[:] = np.nan
    split = full.reshape(images, all_blocks, size, height, width).transpose(0, 1, 3, 4, 2)
    found[: full.size] = split.reshape(-1)
    return found


def from_flat(flat: Any, shape: tuple[int, ...], whole: int | None = None) -> Any:
    """(N, C, H, W) of what lies at the front of `whole` channels."""
    images, channels, height, width = shape
    size = lanes(flat.dtype)
    blocks = -(-(whole or channels) // size)
    split = flat[: images * blocks * height * width * size]
    split = split.reshape(images, blocks, height, width, size).transpose(0, 1, 4, 2, 3)
    return split.reshape(images, blocks * size, height, width)[:, :channels].copy()


def convolved(
    x: Any, w: Any, stride: int, pad: tuple[int, int], dilation: int = 1, groups: int = 1
) -> Any:
    """The convolution in float64, tap by tap."""
    (rows, columns), across = w.shape[2:], x.shape[1] // groups
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (pad[0],) * 2, (pad[1],) * 2))
    outs = [
        (padded.shape[2 + i] - dilation * (k - 1) - 1) // stride + 1
        for i, k in enumerate((rows, columns))
    ]
    y = np.zeros((x.shape[0], w.shape[0], *outs))
    of_group = w.shape[0] // groups
    for g in range(groups):
        mine = slice(g * of_group, (g + 1) * of_group)
        for i in range(rows):
            for j in range(columns):
                down = slice(i * dilation, i * dilation + stride * (outs[0] - 1) + 1, stride)
                right = slice(j * dilation, j * dilation + stride * (outs[1] - 1) + 1, stride)
                seen = padded[:, g * across : (g + 1) * across, down, right]
                y[:, mine] += np.einsum("nchw,kc->nkhw", seen, w[mine, :, i, j])
    return y
