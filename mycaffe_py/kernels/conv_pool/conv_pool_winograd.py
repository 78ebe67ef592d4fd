"""Convolution, bias, ReLU and 2 x 2 max pooling by Winograd's products, blocked images.

For kernels of 3 x 3 and 5 x 5 over more than a few channels: about a third of the arithmetic of
conv_pool_forward (36 products instead of 100 for 5 x 5), for rounding errors some times larger,
about 1e-6 of the largest output in float32. A work item takes PANELS pooling windows of one block
of images through all three steps: transform their patches, multiply for a few output channels at
each of the n^2 points, transform back and pool at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import get_thread_id, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import kernel, parallel_kernel
from ..products.gemm import PANELS, pack_columns
from ..vectors.grid import load_grid
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, part, store_tile, zeros
from ..vectors.vector import REGISTERS, aligned_empty, broadcast, lanes, splat, width
from .pool_window import pool_windows
from .winograd import squared, transform_image, transform_outputs, transform_weights

CHANNELS = 5 if REGISTERS == 32 else 3
_CHANNELS = (0,) * CHANNELS
_PANELS = (0,) * PANELS
_SUMS = (0,) * (CHANNELS * PANELS)
_ONE = (0,)


class Sizes(NamedTuple):
    """Sizes of the images and of the pooled outputs."""

    channels: int
    height: int
    columns: int
    outputs: int
    """Channels of the output."""
    breadth: int
    """Pooling windows side by side."""
    windows: int
    """Pooling windows of one channel of one image."""


@inlined
def point_step(channels, size):
    """Elements from point to point in scratch (n^2, channels, PANELS, L): odd cache lines.

    The n^2 points of one window are written together. With an even step they would share a few
    sets of the first-level cache and push each other out.
    """
    return (channels * PANELS + 1) * size


@kernel
def _transform_weights(w, pairs, taps, packed_out, u_out):
    """w (K C, r^2), flat, to u_out (n^2, padded K C): lanes run over pairs of channels."""
    size = width(w)
    panels = (pairs + size - 1) // size
    for panel in range(panels):
        pack_columns(w, pairs, panel, len(taps) * size, packed_out)
        grid = load_tile(packed_out, panel * len(taps) * size, size, taps)
        store_tile(u_out, panel * size, panels * size, transform_weights(grid))


@inlined
def _fill_patches(x, block, windows, sizes, points, v_out):
    """v_out (n^2, C, PANELS, L) = transformed patches of PANELS windows."""
    size = width(x)
    channels, height, columns, _, breadth, count = sizes
    row = columns * size
    for c in range(channels):
        for t in range(PANELS):
            window = min(windows + t, count - 1)
            pixel = 2 * (window // breadth) * columns + 2 * (window % breadth)
            start = ((block * channels + c) * height * columns + pixel) * size
            patch = load_grid(x, start, row, points, points, _ONE)
            place = (c * PANELS + t) * size
            store_tile(v_out, place, point_step(channels, size), transform_image(patch))


@inlined
def _products(u, u_start, u_row, v, v_start, depth):
    """CHANNELS x PANELS sums over the input channels at one point."""
    size = width(v)
    tile = zeros(v, _SUMS)
    for c in range(depth):
        columns = load_tile(v, v_start + c * PANELS * size, size, _PANELS)
        rows = broadcast_tile(u, u_start + c, u_row, _CHANNELS)
        tile = outer_fma(rows, columns, tile)
    return tile


@inlined
def _multiply(u, u_point, sizes, v, square, m_out):
    """m_out (n^2, K, PANELS, L) = products, point after point: one point of v stays in cache.

    Channels that do not fill a tile go through one alone (step 0), whose row is then repeated.
    """
    size = width(v)
    channels, outputs = sizes.channels, sizes.outputs
    step = 1 if outputs >= CHANNELS else 0
    for point in range(len(square)):
        v_start = point * point_step(channels, size)
        for k in range(0, outputs, CHANNELS if step else 1):
            first = min(k, outputs - CHANNELS) if step else k
            start = point * u_point + first * channels
            tile = _products(u, start, step * channels, v, v_start, channels)
            place = point * point_step(outputs, size) + first * PANELS * size
            store_tile(m_out, place, size, tile)


@inlined
def _pool(m, bias, floor, block, windows, sizes, square, arg_out, y_out):
    """Outputs of PANELS windows, transformed back and pooled at once."""
    size = width(m)
    outputs, count = sizes.outputs, sizes.windows
    for k in range(outputs):
        offset = (broadcast(bias, k),)
        for t in range(min(PANELS, count - windows)):
            products = load_tile(m, (k * PANELS + t) * size, point_step(outputs, size), square)
            window = transform_outputs(products)
            top, bottom = part(window, 0, 2), part(window, 1, 2)
            place = ((block * outputs + k) * count + windows + t) * size
            pooled = pool_windows(top, bottom, offset, splat(m, floor), place, 0, arg_out)
            store_tile(y_out, place, 0, pooled)


@apart
def _item(x, u, u_point, bias, floor, item, sizes, points, scratch, arg_out, y_out):
    """One work item; `scratch` belongs to this thread alone."""
    channels, count = sizes.channels, sizes.windows
    square = squared(points)
    groups = (count + PANELS - 1) // PANELS
    block, windows = item // groups, item % groups * PANELS
    v = scratch[: len(square) * point_step(channels, width(x))]
    m = scratch[v.size :]
    _fill_patches(x, block, windows, sizes, points, v)
    _multiply(u, u_point, sizes, v, square, m)
    _pool(m, bias, floor, block, windows, sizes, square, arg_out, y_out)


@parallel_kernel
def _forward(x, u, u_point, bias, floor, blocks, sizes, points, scratch_out, arg_out, y_out):
    groups = (sizes.windows + PANELS - 1) // PANELS
    for item in prange(blocks * groups):
        scratch = scratch_out[get_thread_id()]
        _item(
            x,
            u,
            u_point,
            bias,
            floor,
            np.int64(item),
            sizes,
            points,
            scratch,
            arg_out,
            y_out,
        )


@dataclass(frozen=True)
class Winograd:
    """Scratch arrays of conv_pool_winograd for one shape of weights."""

    packed: np.ndarray[Any, Any]
    u: np.ndarray[Any, Any]
    scratch: np.ndarray[Any, Any]


def winograd_scratch(w_shape, dtype):
    """Scratch for weights (K, C, r, r)."""
    outputs, channels, taps, _ = w_shape
    size = lanes(dtype)
    square = (taps + 1) ** 2
    padded = -(-outputs * channels // size) * size
    # The last tile of products may be wider than the channels that are left.
    vectors = square * ((channels + outputs) * PANELS + 2) + CHANNELS * PANELS
    return Winograd(
        aligned_empty((padded * taps * taps,), dtype),
        aligned_empty((square, padded), dtype),
        aligned_empty((numba.config.NUMBA_NUM_THREADS, vectors * size), dtype),
    )


def conv_pool_winograd(x, w, bias, plan, arg_out, y_out, *, relu=False):
    """What conv_pool_forward computes, for 3 x 3 or 5 x 5 kernels and even output sizes.

    Shapes as there; plan: winograd_scratch(w.shape, dtype). u in the plan holds the transformed
    weights afterwards.
    """
    blocks, channels, height, columns, _ = x.shape
    outputs, taps = w.shape[0], w.shape[2]
    rows, breadth = y_out.shape[2:4]
    flat_u = plan.u.reshape(-1)
    _transform_weights(w.reshape(-1), outputs * channels, (0,) * taps**2, plan.packed, flat_u)
    sizes = Sizes(channels, height, columns, outputs, breadth, rows * breadth)
    floor = x.dtype.type(0.0 if relu else -np.inf)
    points = (0,) * (taps + 1)
    flat = (x.reshape(-1), flat_u, plan.u.shape[1], bias, floor, blocks, sizes, points)
    _forward(*flat, plan.scratch, arg_out.reshape(-1), y_out.reshape(-1))
