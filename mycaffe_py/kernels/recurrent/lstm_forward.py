"""The recurrence of a long short-term memory: T steps, N rows, H hidden numbers.

Each step multiplies the inputs of its sums, cont h_t-1 and what else there is, by the weights, and
makes the gates, c and h of the sums. In storage (lstm_arrays.py) the four gates of a panel of
hidden numbers lie side by side. So a tile of ROWS rows times the four gates of one panel is one
product, and all that follows it up to h_t happens while the tile is at hand.

A thread takes blocks of rows through all steps, since rows never meet. Every sum runs over its
depth from first to last, so results do not depend on how rows are shared out.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel
from ..vectors.masked import store_first
from ..vectors.register_tile import (
    broadcast_tile,
    load_tile,
    outer_fma,
    scale_fma,
    store_tile,
    zeros,
)
from ..vectors.vector import REGISTERS, aligned_start, element, fma, load, splat, store, width
from ..vectors.vector_math import kept, multiply
from .lstm_arrays import place_in_top, tile_at
from .lstm_cell import squash, tanh

ROWS = 6 if REGISTERS == 32 else 2
_ROWS = (0,) * ROWS
_GATES = (0,) * 4
_TILE = (0,) * (4 * ROWS)
# How far from 0 the exponents of four gates may be, and that of tanh c: beyond, gates are e^-20 =
# 2e-9 where 0 would be right, and e^-150 in float64.
_MOST = (20.0, 40.0)
_MOST_DOUBLE = (150.0, 300.0)


@kernel
def _multiply(a, start, row_step, depth, b, place, sums_out, lead):
    """ROWS rows times the four gates of a panel, spilled."""
    size = width(b)
    tile = zeros(b, _TILE)
    for k in range(depth):
        columns = load_tile(b, place + k * 4 * size, size, _GATES)
        tile = outer_fma(broadcast_tile(a, start + k, row_step, _ROWS), columns, tile)
    store_tile(sums_out, lead, size, tile)


@kernel
def _add_ahead(ahead, start, step, size, sums_out, lead):
    """Add what is summed already to the spilled sums, row by row."""
    for row in range(ROWS):
        old = load_tile(sums_out, lead + row * 4 * size, size, _GATES)
        more = load_tile(ahead, start + row * step, size, _GATES)
        store_tile(sums_out, lead + row * 4 * size, size, scale_fma(splat(ahead, 1), more, old))


@kernel
def _finish(t, tile, panel, sizes, sums, spill, cont, place, inputs, trace, y):
    """From the sums of a tile's new rows and one panel to their h and c.

    spill: where the sums of the first new row stand; place: where its h goes in y. The loop has no
    branch: with one, numba would count references to the arrays for each row.
    """
    gates, squashed, cells = trace
    size = width(gates)
    panels = (sizes.hidden + size - 1) // size
    most = _MOST if gates.itemsize == 4 else _MOST_DOUBLE
    for n in range(tile.first, tile.last):
        state = ((t * sizes.rows + n) * panels + panel) * size
        at = spill + (n - tile.first) * 4 * size
        i, f, o, g = squash(
            load(sums, at),
            load(sums, at + size),
            load(sums, at + 2 * size),
            load(sums, at + 3 * size),
            most[0],
        )
        c = fma(f, load(cells, state), multiply(i, g))
        s = tanh(c, most[1])
        h = multiply(o, s)
        store(gates, 4 * state, i)
        store(gates, 4 * state + size, f)
        store(gates, 4 * state + 2 * size, o)
        store(gates, 4 * state + 3 * size, g)
        store(squashed, state, s)
        store_first(y, place.start + n * place.row, h, place.wanted)
        later = (t + 1) * sizes.rows + n
        share = element(cont, later)
        store(cells, (later * panels + panel) * size, kept(c, share))
        store(inputs, later * sizes.stride + panel * size, kept(h, share))


@kernel
def _rows_forward(first, last, sizes, inputs, w, ahead, cont, top, trace, y):
    """All steps of the rows first to last - 1."""
    size = width(y)
    sums = np.empty((4 * ROWS + 1) * size, y.dtype)
    lead = aligned_start(sums)
    panels = (sizes.hidden + size - 1) // size
    depth, stride = sizes.depth, sizes.stride
    alone = last - first < ROWS
    for t in range(sizes.steps):
        for panel in range(panels):
            place = place_in_top(top, t, panel * size, sizes.hidden, size)
            weights = panel * depth * 4 * size
            row = first
            while row < last:
                tile = tile_at(row, last, ROWS, alone)
                start = (t * sizes.rows + tile.top) * stride
                _multiply(inputs, start, 0 if alone else stride, depth, w, weights, sums, lead)
                if ahead.size > 0:
                    start = ((t * sizes.rows + tile.top) * panels + panel) * 4 * size
                    step = 0 if alone else panels * 4 * size
                    _add_ahead(ahead, start, step, size, sums, lead)
                spill = lead + (row - tile.top) * 4 * size
                _finish(t, tile, panel, sizes, sums, spill, cont, place, inputs, trace, y)
                row = tile.last


@parallel_kernel
def lstm_forward(block, sizes, inputs, w, ahead, cont, top, trace_out, y_out):
    """All steps; a thread takes `block` rows at a time.

    sizes: Sizes. inputs (T + 1, N, S): what the sums of a step are made of; first cont h_t-1, P L
    numbers, which is given for step 0 and written for the others. w (P, K, 4, L): the weights,
    those of i, f, o times -1, those of g times -2, which makes the sums arguments of e^x. ahead:
    sums (T, N, P, 4, L) of what is not in `inputs`, or empty. cont (T + 1, N): 0 where a sequence
    starts, else 1. top: Top, and y_out the layer's top. trace_out: Trace.
    """
    for part in prange((sizes.rows + block - 1) // block):
        first = np.int64(part) * block
        last = min(sizes.rows, first + block)
        _rows_forward(first, last, sizes, inputs, w, ahead, cont, top, trace_out, y_out)
