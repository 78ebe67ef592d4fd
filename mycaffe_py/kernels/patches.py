"""Floor 0. Patch storage: one image after the other, and under each pixel what a visit reads there.

The backward of a max pool visits one place per image and channel, so images cannot share a vector
there. Instead an image is stored as planes (planes, H, W, L) of whole, aligned vectors:

* of C channels, each full set of L makes a plane: the vector at a pixel holds these channels;
* the remaining r = C % L channels make one more: the vector at a pixel holds them for a block of
  `block` = (rows, columns) pixels whose upper left is this one, as many as fit in L lanes.

An R x S kernel window is then a grid of vectors in each plane: R x S, or ceil(R / block rows) x
ceil(S / block columns) in the last, e.g. 5 x 5 + 3 x 3 for 20 channels and 16 lanes, 2 x 1 for 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .grid import transpose_gathered
from .inlined import inlined
from .vector import lanes, width


@dataclass(frozen=True)
class Patches:
    """How images of one shape are stored for kernel windows of one size; made once per plan."""

    x_shape: tuple[int, int, int]
    """C, H, W"""
    kernel_shape: tuple[int, int]
    """R, S"""
    lanes: int
    full: int
    """Planes that hold L channels each."""
    planes: int
    block: tuple[int, int]
    """Pixels in one vector of the last plane, (1, 1) when there are no remaining channels."""
    grids: tuple[tuple[int, int], ...]
    """Rows and columns of vectors a kernel window covers, per plane."""
    sources: np.ndarray[Any, Any]
    """Element of one block of blocked x, over L, for each (plane, pixel, lane), flat."""
    taps: np.ndarray[Any, Any]
    """Element of w[k], flat, for each (plane, grid row, grid column, lane); -1 for none."""


def _best_block(remaining, kernel_shape, size):
    """The block of pixels with which a kernel window needs the fewest vectors."""
    pixels = size // remaining
    choices = [(rows, min(pixels // rows, kernel_shape[1])) for rows in range(1, pixels + 1)]
    choices = [(rows, columns) for rows, columns in choices if rows <= kernel_shape[0]]
    return min(choices, key=lambda block: np.prod(_covering(kernel_shape, block)))


def _covering(kernel_shape, block):
    return (-(-kernel_shape[0] // block[0]), -(-kernel_shape[1] // block[1]))


def _lane_meaning(plane, full, channels, block, size):
    """Per lane of a plane: channel, row and column within the block of pixels, used or not."""
    lane = np.arange(size)
    if plane < full:
        zero = np.zeros_like(lane)
        return plane * size + lane, zero, zero, lane >= 0
    remaining = channels - full * size
    pixel = lane // remaining
    used = pixel < block[0] * block[1]
    pixel = np.where(used, pixel, 0)
    return full * size + lane % remaining, pixel // block[1], pixel % block[1], used


def plan_patches(x_shape, kernel_shape, dtype):
    """The storage for images x_shape = (C, H, W) and kernels (R, S)."""
    channels, height, columns = x_shape
    size = lanes(dtype)
    full, remaining = divmod(channels, size)
    block = _best_block(remaining, kernel_shape, size) if remaining else (1, 1)
    planes = full + (remaining > 0)
    grids, sources, taps = [], [], []
    pixel_row, pixel_column = np.divmod(np.arange(height * columns)[:, None], columns)
    for plane in range(planes):
        channel, down, right, used = _lane_meaning(plane, full, channels, block, size)
        row = np.minimum(pixel_row + down, height - 1)
        column = np.minimum(pixel_column + right, columns - 1)
        sources.append(((channel * height + row) * columns + column) * size)
        spread = (1, 1) if plane < full else block
        grid = _covering(kernel_shape, spread)
        i = np.arange(grid[0])[:, None, None] * spread[0] + down
        j = np.arange(grid[1])[None, :, None] * spread[1] + right
        inside = used & (i < kernel_shape[0]) & (j < kernel_shape[1])
        tap = (channel * kernel_shape[0] + i) * kernel_shape[1] + j
        taps.append(np.where(inside, tap, -1).ravel())
        grids.append(grid)
    return Patches(
        x_shape,
        kernel_shape,
        size,
        full,
        planes,
        block,
        tuple(grids),
        np.concatenate([table.ravel() for table in sources]).astype(np.int64),
        np.concatenate(taps).astype(np.int64),
    )


@inlined
def fill_patches(x, block, blocks, sources, patches_out):
    """One block of x (blocks, C, H, W, L), flat, to patch storage of its L images, flat."""
    size = width(x)
    start = block * (x.size // blocks)
    for entry in range(0, sources.size, size):
        transpose_gathered(x, start, sources, entry, entry, sources.size, patches_out)
