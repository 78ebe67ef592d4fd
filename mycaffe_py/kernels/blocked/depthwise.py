"""Convolution with one filter a channel, of pictures in blocks of channels."""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.register_tile import load_tile, scale_fma
from ..vectors.vector import aligned_start, load, maximum, splat, store, width
from .laying import lay_blocks
from .pixel_tile import RUN, first_sums, store_pixels

_ONE = (0,)
_RUN = (0,) * RUN
# Multiplications from which it pays to wake the other threads.
_WORTH_SHARING = 1 << 20


@inlined
def _threes(offsets, size):
    """How many taps lie in threes side by side: all of them, or none."""
    if offsets.size % 3 != 0:
        return 0
    for tap in range(0, offsets.size, 3):
        first = offsets[tap]
        if offsets[tap + 1] != first + size or offsets[tap + 2] != first + 2 * size:
            return 0
    return offsets.size


@inlined
def _run(laid, source, offsets, threes, w, place, shift, there):
    """RUN sums: pixels from `source` on, at the offset of each tap, times its weights."""
    size = width(laid)
    tile = first_sums(shift, there, _ONE, _ONE)
    # Pixels that stay in registers from tap to tap: 9 loads for three taps, and not 21.
    for tap in range(0, threes, 3):
        here, k = source + offsets[tap], place + tap * size
        tile = scale_fma(load(w, k), load_tile(laid, here, size, _RUN), tile)
        tile = scale_fma(load(w, k + size), load_tile(laid, here + size, size, _RUN), tile)
        tile = scale_fma(load(w, k + 2 * size), load_tile(laid, here + 2 * size, size, _RUN), tile)
    for tap in range(threes, offsets.size):
        pixels = load_tile(laid, source + offsets[tap], size, _RUN)
        tile = scale_fma(load(w, place + tap * size), pixels, tile)
    return tile


@apart
def _filter_blocks(number, pieces, x, w, shift, offsets, phases, shape, floor, y_out):
    """Part `number` of the blocks of all images."""
    size = width(x)
    columns = shape.out_columns + shape.column_reach
    deep = shape.out_rows + shape.row_reach
    plane = deep * columns * size
    laid = np.empty(phases.shape[0] * plane + (RUN + 1) * size, x.dtype)
    lead = aligned_start(laid)
    laid[lead + phases.shape[0] * plane :] = 0
    taps = np.empty(offsets.shape[0], np.int64)
    for k in range(taps.size):
        taps[k] = offsets[k, 0] * plane + (offsets[k, 1] * columns + offsets[k, 2]) * size
    threes = _threes(taps, size)
    least = splat(x, floor)
    sizes, pads = (shape.rows, shape.columns), (shape.top, shape.left)
    total = shape.images * shape.filters
    for one in range(total * number // pieces, total * (number + 1) // pieces):
        image, block = one // shape.filters, one % shape.filters
        start = image * shape.x_image + block * shape.rows * shape.columns * size
        for p in range(phases.shape[0]):
            phase = (phases[p, 0], phases[p, 1], shape.row_step, shape.column_step)
            there = lead + p * plane
            lay_blocks(x, start, sizes, phase, pads, 0, deep, columns, laid, there)
        target = image * shape.y_image + block * shape.out_rows * shape.out_columns * size
        for row in range(shape.out_rows):
            for j in range(0, shape.out_columns, RUN):
                source = lead + (row * columns + j) * size
                place = target + (row * shape.out_columns + j) * size
                k = block * taps.size * size
                tile = _run(laid, source, taps, threes, w, k, shift, block * size)
                if j + RUN <= shape.out_columns:
                    store_pixels(y_out, (place,), 0, _ONE, least, tile)
                else:
                    store_pixels(laid, (lead + phases.shape[0] * plane,), 0, _ONE, least, tile)
                    for i in range(shape.out_columns - j):
                        value = load(laid, lead + phases.shape[0] * plane + i * size)
                        store(y_out, place + i * size, maximum(value, least))


@parallel_kernel
def _filter(pieces, x, w, shift, offsets, phases, shape, floor, y_out):
    for number in prange(pieces):
        _filter_blocks(np.int64(number), pieces, x, w, shift, offsets, phases, shape, floor, y_out)


def filter_channels(x, w, shift, plan, relu, y_out):
    """Each channel of x with its own filter: w (blocks, taps, lanes) * x + shift, flat arrays.

    plan: as of a convolution from one block of channels to as many filters as x has blocks.
    """
    perform(filter_channels_call(x, w, shift, plan, relu, y_out))


def filter_channels_call(x, w, shift, plan, relu, y_out) -> Call:
    """What `filter_channels` calls."""
    pieces = get_num_threads() if plan.work >= _WORTH_SHARING else 1
    floor = x.dtype.type(0 if relu else -np.inf)
    arguments = (pieces, x, w, shift, plan.offsets, plan.phases, plan.shape, floor, y_out)
    return Call(_filter, arguments, pieces)
