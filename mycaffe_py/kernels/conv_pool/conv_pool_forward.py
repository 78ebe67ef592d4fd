"""Convolution, bias, ReLU and 2 x 2 max pooling in one pass over blocked images.

Blocked storage (blocks.py) puts as many images side by side as a vector has lanes, so every load is
whole and aligned whatever the width of the image, and a pooling window of convolution outputs for
a few channels stays in registers: only the pooled value and its place in the window are written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from ..vectors.vector import REGISTERS, splat, width
from .pool_window import pool_windows

CHANNELS = 5 if REGISTERS == 32 else 3
_CHANNELS = (0,) * CHANNELS
_PAIR = (0, 0)
_HALF = (0,) * (2 * CHANNELS)


class Sizes(NamedTuple):
    """Sizes of the images and of the filters."""

    channels: int
    height: int
    columns: int
    outputs: int
    """Channels of the output."""
    kernel_rows: int
    taps: int
    """Taps side by side in a filter."""


@inlined
def _window(x, x_start, x_shape, right, down, w, w_start, w_step, kernel_shape):
    """One pooling window of convolution sums: two tiles (top and bottom row) of CHANNELS x 2."""
    size = width(x)
    channels, height, columns = x_shape
    rows, taps = kernel_shape
    top = zeros(x, _HALF)
    bottom = zeros(x, _HALF)
    weight = w_start
    for c in range(channels):
        for i in range(rows):
            place = x_start + (c * height + i) * columns * size
            for _ in range(taps):
                weights = broadcast_tile(w, weight, w_step, _CHANNELS)
                upper = load_tile(x, place, right, _PAIR)
                lower = load_tile(x, place + down, right, _PAIR)
                top = outer_fma(weights, upper, top)
                bottom = outer_fma(weights, lower, bottom)
                weight += 1
                place += size
    return top, bottom


@apart
def _pooled_row(x, w, bias, floor, sizes, block, row, arg_out, y_out):
    """All channels of one row of pooled outputs of one block of images."""
    size = width(x)
    channels, height, columns, outputs, kernel_rows, taps = sizes
    out_rows, out_columns = height - kernel_rows + 1, columns - taps + 1
    pooled_rows, pooled_columns = (out_rows + 1) // 2, (out_columns + 1) // 2
    per_output = channels * kernel_rows * taps
    down = columns * size if 2 * row + 1 < out_rows else 0
    step = CHANNELS if outputs >= CHANNELS else 1
    w_step = per_output if outputs >= CHANNELS else 0
    y_step = pooled_rows * pooled_columns * size if outputs >= CHANNELS else 0
    for column in range(pooled_columns):
        right = size if 2 * column + 1 < out_columns else 0
        x_start = (block * channels * height + 2 * row) * columns + 2 * column
        for k in range(0, outputs, step):
            first = min(k, outputs - step)
            top, bottom = _window(
                x,
                x_start * size,
                (channels, height, columns),
                right,
                down,
                w,
                first * per_output,
                w_step,
                (kernel_rows, taps),
            )
            biases = broadcast_tile(bias, first, 1 if step > 1 else 0, _CHANNELS)
            place = ((block * outputs + first) * pooled_rows + row) * pooled_columns + column
            pooled = pool_windows(
                top, bottom, biases, splat(x, floor), place * size, y_step, arg_out
            )
            store_tile(y_out, place * size, y_step, pooled)


@parallel_kernel
def _conv_pool(x, w, bias, floor, blocks, sizes, arg_out, y_out):
    rows = (sizes.height - sizes.kernel_rows + 2) // 2
    for item in prange(blocks * rows):
        number = np.int64(item)
        _pooled_row(x, w, bias, floor, sizes, number // rows, number % rows, arg_out, y_out)


def conv_pool_forward(x, w, bias, arg_out, y_out, *, relu=False):
    """y_out = max over 2 x 2 windows of the convolution of x with w, plus bias (, ReLU).

    Shapes, L images a block: x (B, C, H, W, L), w (K, C, R, S), bias (K,), y_out and arg_out
    (B, K, P, Q, L) with P = ceil((H - R + 1) / 2) and Q = ceil((W - S + 1) / 2); a window that
    hangs over the edge has fewer members (Caffe rounds up). arg_out is uint8: place in the window,
    0 to 3 in reading order, or window.CLIPPED. Stride 1, no padding, no groups.
    """
    blocks, channels, height, columns, _ = x.shape
    sizes = Sizes(channels, height, columns, w.shape[0], w.shape[2], w.shape[3])
    floor = x.dtype.type(0.0 if relu else -np.inf)
    flat = (array.reshape(-1) for array in (x, w, bias))
    _conv_pool(*flat, floor, blocks, sizes, arg_out.reshape(-1), y_out.reshape(-1))
