"""Image gradient of conv_pool_winograd, plain images in and out.

The forward pass read backwards: each pooled gradient goes to its place in the 2 x 2 window and on
to the n^2 points; at each point one product with the transformed weights of the forward pass sums
over the output channels; B g B' brings it back to the patch, and overlapping patches add up. One
work item is one block of images, so every element of dx has one owner and one order of its sum;
only there, while they are in cache, are its gradients in blocked storage.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import get_thread_id, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..products.gemm import PANELS
from ..vectors.grid import add_tiles, load_grid, store_grid
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from ..vectors.vector import aligned_empty, broadcast, fma, lanes, load, store, width
from .blocks import pack_block, unpack_block
from .conv_pool_winograd import CHANNELS, Sizes, point_step
from .winograd import multiply, output_matrix, spread_gradient, spread_outputs, squared

_CHANNELS = (0,) * CHANNELS
_PANELS = (0,) * PANELS
_SUMS = (0,) * (CHANNELS * PANELS)
_ONE = (0,)
_FACTORS = {
    (n, kind): np.array(output_matrix(n), kind).T.ravel()
    for n in (4, 6)
    for kind in ("float32", "float64")
}
"""A (n, 2), flat."""


@inlined
def _spread_down(dy, codes, block, windows, sizes, first, second, halves_out):
    """halves_out (2, K, PANELS, L) = one row of A dy A' before its second factor A'.

    dy (K, P, Q, L) of one block; first, second: that row of A in every lane.
    """
    size = width(dy)
    outputs, count = sizes.outputs, sizes.windows
    half = outputs * PANELS * size
    for k in range(outputs):
        for t in range(PANELS):
            place = (k * count + min(windows + t, count - 1)) * size
            code = block * outputs * count * size + place
            pair = spread_outputs(load(dy, place), code, codes, first, second)
            store_tile(halves_out, (k * PANELS + t) * size, half, pair)


@inlined
def _spread_right(halves, first, second, g_out):
    """g_out (K, PANELS, L) = gradient of the products at one point."""
    for place in range(0, g_out.size, width(g_out)):
        left = multiply(first, load(halves, place))
        store(g_out, place, fma(second, load(halves, g_out.size + place), left))


@inlined
def _products(u, u_start, u_row, channels, g, outputs):
    """CHANNELS x PANELS sums over the output channels at one point."""
    size = width(g)
    tile = zeros(g, _SUMS)
    for k in range(outputs):
        columns = load_tile(g, k * PANELS * size, size, _PANELS)
        rows = broadcast_tile(u, u_start + k * channels, u_row, _CHANNELS)
        tile = outer_fma(rows, columns, tile)
    return tile


@inlined
def _multiply(u, u_start, sizes, g, m_start, m_out):
    """m_out (C, PANELS, L) from m_start on = sums over the output channels at one point."""
    size = width(g)
    channels, outputs = sizes.channels, sizes.outputs
    step = 1 if channels >= CHANNELS else 0
    for c in range(0, channels, CHANNELS if step else 1):
        first = min(c, channels - CHANNELS) if step else c
        tile = _products(u, u_start + first, step, channels, g, outputs)
        store_tile(m_out, m_start + first * PANELS * size, size, tile)


@inlined
def _add_patches(m, windows, sizes, points, square, dx_out):
    """dx_out (C, H, W, L) += patches of PANELS windows."""
    size = width(m)
    channels, height, columns, _, breadth, count = sizes
    row = columns * size
    for c in range(channels):
        for t in range(min(PANELS, count - windows)):
            window = windows + t
            pixel = 2 * (window // breadth) * columns + 2 * (window % breadth)
            start = (c * height * columns + pixel) * size
            place = (c * PANELS + t) * size
            products = load_tile(m, place, point_step(channels, size), square)
            patch = spread_gradient(products)
            old = load_grid(dx_out, start, row, points, points, _ONE)
            store_grid(dx_out, start, row, points, points, _ONE, add_tiles(old, patch))


@inlined
def _points(dy, codes, u, u_point, factors, block, windows, sizes, points, halves, g, m_out):
    """m_out (n^2, C, PANELS, L), point after point: its gradients stay in first-level cache."""
    size = width(dy)
    for row in range(len(points)):
        first, second = broadcast(factors, 2 * row), broadcast(factors, 2 * row + 1)
        _spread_down(dy, codes, block, windows, sizes, first, second, halves)
        for column in range(len(points)):
            left, right = broadcast(factors, 2 * column), broadcast(factors, 2 * column + 1)
            _spread_right(halves, left, right, g)
            point = row * len(points) + column
            m_start = point * point_step(sizes.channels, size)
            _multiply(u, point * u_point, sizes, g, m_start, m_out)


@apart
def _block(dy, codes, u, u_point, factors, block, images, sizes, points, scratch, dx_out):
    """One block of images; `scratch` belongs to this thread alone."""
    size = width(dy)
    channels, height, columns, outputs, _, count = sizes
    square = squared(points)
    point = outputs * PANELS * size
    g, halves, rest = scratch[:point], scratch[point : 3 * point], scratch[3 * point :]
    dy_blocked, rest = rest[: outputs * count * size], rest[outputs * count * size :]
    pixels = channels * height * columns * size
    dx_blocked, m = rest[:pixels], rest[pixels:]
    pack_block(dy, images, block, dy_blocked)
    for place in range(pixels):
        dx_blocked[place] = 0
    for windows in range(0, count, PANELS):
        _points(dy_blocked, codes, u, u_point, factors, block, windows, sizes, points, halves, g, m)
        _add_patches(m, windows, sizes, points, square, dx_blocked)
    unpack_block(dx_blocked, images, block, dx_out)


@parallel_kernel
def _images(dy, codes, u, u_point, factors, images, sizes, points, scratch_out, dx_out):
    size = width(dy)
    for item in prange((images + size - 1) // size):
        scratch = scratch_out[get_thread_id()]
        block = np.int64(item)
        _block(dy, codes, u, u_point, factors, block, images, sizes, points, scratch, dx_out)


def images_scratch(x_shape, w_shape, dtype):
    """Scratch for images (C, H, W) and weights (K, C, r, r): a block of both, and products."""
    outputs, channels, taps, _ = w_shape
    _, height, columns = x_shape
    windows = (height - taps + 1) * (columns - taps + 1) // 4
    vectors = outputs * (3 * PANELS + windows) + channels * height * columns
    vectors += (taps + 1) ** 2 * (channels * PANELS + 1) + CHANNELS * PANELS
    return aligned_empty((numba.config.NUMBA_NUM_THREADS, vectors * lanes(dtype)), dtype)


def winograd_images(dy, codes, u, scratch, dx_out):
    """dx_out (N, C, H, W) = gradient of x of the conv_pool_winograd that last filled `u`.

    dy (N, K, P, Q): gradient of the pooled output; codes (B, K, P, Q, L): what forward wrote, dy
    counts for nothing where they say CLIPPED. scratch: images_scratch.
    """
    images, channels, height, columns = dx_out.shape
    outputs, rows, breadth = dy.shape[1:]
    sizes = Sizes(channels, height, columns, outputs, breadth, rows * breadth)
    taps = height - 2 * rows + 1
    points = (0,) * (taps + 1)
    factors = _FACTORS[taps + 1, dy.dtype.name]
    flat = (dy.reshape(-1), codes.reshape(-1), u.reshape(-1), u.shape[1], factors, images, sizes)
    _images(*flat, points, scratch, dx_out.reshape(-1))
