"""Patch storage: one image after the other, and under each pixel what a visit reads there.

The backward of a max pool visits one place per image and channel, so images cannot share a vector
there. Instead an image is stored as planes (planes, rows, columns, L) of whole, aligned vectors:

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

from ..apart import apart
from ..vectors.grid import transpose_gathered
from ..vectors.vector import REGISTERS, WIDTH_BYTES, lanes, width
from .patch_sums import Grid

PLANE_KIND = np.dtype(
    [
        ("first_plane", np.int64),
        ("count", np.int64),
        ("parts", np.int64),
        ("row_step", np.int64),
        ("group", np.int64),
        ("first_sum", np.int64),
    ]
)
"""Planes whose patches are alike: the first of them and how many there are, the parts that the rows
of a patch's grid are cut into, elements from row to row of the grid, images that are visited in
turn, and the element where their sums begin. All 0 where there are no such planes."""

_GROUP_BYTES = 32768
"""Of one plane of the images visited in turn: they stay in the first-level cache."""


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
    stored: tuple[int, int]
    """Rows and columns of a plane: the pixels where a vector that a visit reads may start."""
    block: tuple[int, int]
    """Pixels in one vector of the last plane, (1, 1) when there are no remaining channels."""
    sources: np.ndarray[Any, Any]
    """Element of one block of blocked x, over L, for each (plane, pixel, lane), flat."""
    sums: int
    """Elements of all grids: (plane, grid row, grid column, lane)."""
    entries: np.ndarray[Any, Any]
    """Element of those for each element of w[k], flat."""
    places: np.ndarray[Any, Any]
    """Element of the first plane where a patch starts, for each (window, place in the window); one
    more follows, for window.CLIPPED in the last window."""
    plane_size: int
    """Elements of a plane."""
    kinds: np.ndarray[Any, Any]
    """Two records PLANE_KIND: the full planes, and the last one."""
    grids: tuple[Grid | None, Grid | None]
    """What a part of a patch consists of in the full planes and in the last one; None where there
    are no such planes."""


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


def _stored(x_shape, kernel_shape, spreads):
    """The extent of the results of the convolution, and beyond it the rest of the last grid."""
    found = []
    for axis, (pixels, taps) in enumerate(zip(x_shape[1:], kernel_shape, strict=True)):
        steps = [(-(-taps // spread[axis]) - 1) * spread[axis] for spread in spreads]
        found.append(pixels - taps + 1 + max(steps))
    return tuple(found)


def _places(x_shape, kernel_shape, columns, size):
    """Where patches start for all windows, row by row, and for all places in each."""
    out = (pixels - taps + 1 for pixels, taps in zip(x_shape[1:], kernel_shape, strict=True))
    rows, breadth = (np.arange(0, extent, 2) for extent in out)
    corners = rows[:, None, None] * columns + breadth[:, None]
    places = (corners + np.array([0, 1, columns, columns + 1])).ravel() * size
    return np.append(places, 0).astype(np.int64)


def _row_parts(grid):
    """How many parts the rows of a grid are cut into so that a part fits in registers."""
    rows, columns = grid
    most = REGISTERS - 4
    fitting = [n for n in range(1, rows + 1) if rows % n == 0 and rows // n * columns <= most]
    return min(fitting, default=rows)


def _visits(full, planes, coverings, block, stored, size):
    """The fields `plane_size`, `kinds` and `grids`."""
    pixels = stored[0] * stored[1]
    group = max(1, _GROUP_BYTES // (pixels * WIDTH_BYTES))
    kinds = np.zeros(2, PLANE_KIND)
    grids = [None, None]
    first_sum = 0
    for kind, first, count, spread in ((0, 0, full, (1, 1)), (1, full, planes - full, block)):
        if count == 0:
            continue
        rows, columns = coverings[first]
        parts = _row_parts((rows, columns))
        copies = min(4, -(-8 // (rows // parts * columns)))
        kinds[kind] = (first, count, parts, spread[0] * stored[1] * size, group, first_sum)
        countings = ((0,) * number for number in (rows // parts, columns, spread[1], copies))
        grids[kind] = Grid(*countings)
        first_sum += count * rows * columns * size
    return pixels * size, kinds, (grids[0], grids[1])


def plan_patches(x_shape, kernel_shape, dtype):
    """The storage for images x_shape = (C, H, W) and kernels (R, S)."""
    channels, height, columns = x_shape
    size = lanes(dtype)
    full, remaining = divmod(channels, size)
    block = _best_block(remaining, kernel_shape, size) if remaining else (1, 1)
    planes = full + (remaining > 0)
    spreads = [(1, 1)] * full + [block] * (planes - full)
    stored = _stored(x_shape, kernel_shape, spreads)
    coverings, sources, taps = [], [], []
    pixel_row, pixel_column = np.divmod(np.arange(stored[0] * stored[1])[:, None], stored[1])
    for plane, spread in enumerate(spreads):
        channel, down, right, used = _lane_meaning(plane, full, channels, block, size)
        row = np.minimum(pixel_row + down, height - 1)
        column = np.minimum(pixel_column + right, columns - 1)
        sources.append(((channel * height + row) * columns + column) * size)
        grid = _covering(kernel_shape, spread)
        i = np.arange(grid[0])[:, None, None] * spread[0] + down
        j = np.arange(grid[1])[None, :, None] * spread[1] + right
        inside = used & (i < kernel_shape[0]) & (j < kernel_shape[1])
        tap = (channel * kernel_shape[0] + i) * kernel_shape[1] + j
        taps.append(np.where(inside, tap, -1).ravel())
        coverings.append(grid)
    tap_of_sum = np.concatenate(taps)
    used_sums = np.flatnonzero(tap_of_sum >= 0)
    return Patches(
        x_shape,
        kernel_shape,
        size,
        full,
        planes,
        stored,
        block,
        np.concatenate([table.ravel() for table in sources]).astype(np.int64),
        tap_of_sum.size,
        used_sums[np.argsort(tap_of_sum[used_sums])].astype(np.int64),
        _places(x_shape, kernel_shape, stored[1], size),
        *_visits(full, planes, coverings, block, stored, size),
    )


@apart
def fill_patches(x, block, blocks, sources, patches_out):
    """One block of x (blocks, C, H, W, L), flat, to patch storage of its L images, flat."""
    size = width(x)
    start = block * (x.size // blocks)
    for entry in range(0, sources.size, size):
        transpose_gathered(x, start, sources, entry, entry, sources.size, patches_out)
