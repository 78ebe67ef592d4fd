"""Floor 0. Image gradient of conv_pool_winograd, blocked images in and out.

The forward pass read backwards: each pooled gradient goes to its place in the 2 x 2 window and on
to the n^2 points; at each point one product with the transformed weights of the forward pass sums
over the output channels; B g B' brings it back to the patch, and overlapping patches add up. One
work item is one block of images, so every element of dx has one owner and one order of its sum.
"""

from __future__ import annotations

import numpy as np
from numba import get_thread_id, prange

from .conv_pool_winograd import CHANNELS, point_step
from .gemm import PANELS
from .grid import add_tiles, load_grid, store_grid
from .inlined import inlined
from .jit import kernel, parallel_kernel
from .tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from .vector import load, width
from .winograd import spread_gradient, spread_outputs

_CHANNELS = (0,) * CHANNELS
_PANELS = (0,) * PANELS
_SUMS = (0,) * (CHANNELS * PANELS)
_ONE = (0,)


@inlined
def _spread(dy, codes, block, windows, shape, square, g_out):
    """g_out (n^2, K, PANELS, L) = gradient of the products of PANELS windows."""
    size = width(dy)
    outputs, count = shape[3], shape[5]
    for k in range(outputs):
        for t in range(PANELS):
            window = min(windows + t, count - 1)
            place = ((block * outputs + k) * count + window) * size
            spread = spread_outputs(load(dy, place), place, codes, square)
            store_tile(g_out, (k * PANELS + t) * size, point_step(outputs, size), spread)


@inlined
def _products(u, u_start, u_row, channels, g, g_start, outputs):
    """CHANNELS x PANELS sums over the output channels at one point."""
    size = width(g)
    tile = zeros(g, _SUMS)
    for k in range(outputs):
        columns = load_tile(g, g_start + k * PANELS * size, size, _PANELS)
        rows = broadcast_tile(u, u_start + k * channels, u_row, _CHANNELS)
        tile = outer_fma(rows, columns, tile)
    return tile


@inlined
def _add_patches(m, first, wanted, block, windows, shape, points, square, dx_out):
    """dx_out += patches of the channels first + wanted[0] ... first + wanted[1] - 1."""
    size = width(m)
    channels, height, columns, _, breadth, count = shape
    row = columns * size
    m_point = point_step(CHANNELS, size)
    for i in range(wanted[0], wanted[1]):
        for t in range(min(PANELS, count - windows)):
            window = windows + t
            pixel = 2 * (window // breadth) * columns + 2 * (window % breadth)
            start = ((block * channels + first + i) * height * columns + pixel) * size
            patch = spread_gradient(load_tile(m, (i * PANELS + t) * size, m_point, square))
            old = load_grid(dx_out, start, row, points, points, _ONE)
            store_grid(dx_out, start, row, points, points, _ONE, add_tiles(old, patch))


@kernel
def _block(dy, codes, u, u_point, block, shape, points, square, scratch, dx_out):
    """One block of images; `scratch` belongs to this thread alone."""
    size = width(dy)
    channels, height, columns, outputs, _, count = shape
    g_point = point_step(outputs, size)
    g = scratch[: len(square) * g_point]
    m = scratch[g.size :]
    per_block = channels * height * columns * size
    for place in range(block * per_block, (block + 1) * per_block):
        dx_out[place] = 0
    step = 1 if channels >= CHANNELS else 0
    for windows in range(0, count, PANELS):
        _spread(dy, codes, block, windows, shape, square, g)
        for c in range(0, channels, CHANNELS if step else 1):
            first = min(c, channels - CHANNELS) if step else c
            for point in range(len(square)):
                start = point * u_point + first
                tile = _products(u, start, step, channels, g, point * g_point, outputs)
                store_tile(m, point * point_step(CHANNELS, size), size, tile)
            wanted = (c - first, CHANNELS if step else 1)
            _add_patches(m, first, wanted, block, windows, shape, points, square, dx_out)


@parallel_kernel
def _images(dy, codes, u, u_point, blocks, shape, points, square, scratch_out, dx_out):
    for item in prange(blocks):
        scratch = scratch_out[get_thread_id()]
        block = np.int64(item)
        _block(dy, codes, u, u_point, block, shape, points, square, scratch, dx_out)


def winograd_images(dy, codes, plan, dx_out):
    """dx_out (B, C, H, W, L) = gradient of x of the conv_pool_winograd that last filled `plan`.

    dy (B, K, P, Q, L): gradient of the pooled output; codes of that shape: what forward wrote.
    """
    blocks, channels, height, columns, _ = dx_out.shape
    outputs, rows, breadth = dy.shape[1:4]
    shape = (channels, height, columns, outputs, breadth, rows * breadth)
    taps = height - 2 * rows + 1
    points, square = (0,) * (taps + 1), (0,) * (taps + 1) ** 2
    flat = (dy.reshape(-1), codes.reshape(-1), plan.u.reshape(-1), plan.u.shape[1], blocks, shape)
    _images(*flat, points, square, plan.scratch, dx_out.reshape(-1))
