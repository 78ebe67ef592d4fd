"""Floor 0. The recurrence of a long short-term memory: T steps, N rows, H hidden numbers.

Storage, with L lanes to a vector and the hidden numbers cut into P = ceil(H / L) panels:
`inputs` (T, N, S) holds cont h_t-1 (P L numbers, zeros behind H), then what else the sums are made
of; gates are (T, N, P, 4, L). So a tile of ROWS rows times the four gates of one panel is one
product, and all that follows it up to h_t happens while the tile is at hand.

A thread takes blocks of rows through all steps, since rows never meet. Every sum runs over its
depth from first to last, so results do not depend on how rows are shared out.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from .jit import kernel, parallel_kernel
from .lstm_cell import squash, tanh
from .masked import store_first
from .tile import broadcast_tile, load_tile, outer_fma, scale_fma, store_tile, zeros
from .vector import REGISTERS, aligned_start, element, fma, load, splat, store, width
from .vector_math import kept, multiply

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
def _finish(
    t, first, last, panel, shape, sums, spill, cont, place, inputs, gates, squashed, cells, y
):
    """From the sums of some rows and one panel to their h and c.

    place: where in y the first row's numbers go, how far rows are apart, and how many are wanted.
    The loop has no branch: with one, numba would count references to the arrays for each row.
    """
    rows, stride = shape[1], shape[3]
    size = width(gates)
    panels = (shape[2] + size - 1) // size
    most = _MOST if gates.itemsize == 4 else _MOST_DOUBLE
    y_start, y_step, wanted = place
    for n in range(first, last):
        state = ((t * rows + n) * panels + panel) * size
        at = spill + (n - first) * 4 * size
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
        store_first(y, y_start + n * y_step, h, wanted)
        later = (t + 1) * rows + n
        share = element(cont, later)
        store(cells, (later * panels + panel) * size, kept(c, share))
        store(inputs, later * stride + panel * size, kept(h, share))


@kernel
def _rows_forward(first, last, shape, inputs, w, ahead, cont, y_place, gates, squashed, cells, y):
    """All steps of the rows first to last - 1."""
    steps, rows, hidden, stride, depth = shape
    size = width(gates)
    room = np.empty((4 * ROWS + 1) * size, gates.dtype)
    lead = aligned_start(room)
    panels = (hidden + size - 1) // size
    alone = last - first < ROWS
    for t in range(steps):
        for panel in range(panels):
            wanted = min(size, hidden - panel * size) if t >= y_place[0] else 0
            y_start = max(0, t - y_place[0]) * y_place[1] + panel * size
            row = first
            while row < last:
                # The tile at the end reaches back over rows that are done, or takes one row alone.
                end = row + (1 if alone else min(ROWS, last - row))
                top = row if alone else end - ROWS
                start = (t * rows + top) * stride
                place = panel * depth * 4 * size
                _multiply(inputs, start, 0 if alone else stride, depth, w, place, room, lead)
                if ahead.size > 0:
                    start = ((t * rows + top) * panels + panel) * 4 * size
                    step = 0 if alone else panels * 4 * size
                    _add_ahead(ahead, start, step, size, room, lead)
                _finish(
                    t,
                    row,
                    end,
                    panel,
                    shape,
                    room,
                    lead + (row - top) * 4 * size,
                    cont,
                    (y_start, y_place[2], wanted),
                    inputs,
                    gates,
                    squashed,
                    cells,
                    y,
                )
                row = end


@parallel_kernel
def lstm_forward(
    block, shape, inputs, w, ahead, cont, y_place, gates_out, squashed_out, cells_out, y_out
):
    """All steps; every array is flat, a thread takes `block` rows at a time.

    shape: T, N, H, S, and the depth K <= S of the sums. w (P, K, 4, L) are the weights, those of
    i, f, o times -1, those of g times -2: the arguments of e^x. ahead: sums (T, N, P, 4, L) of what
    is not in `inputs`, or empty. cont (T + 1, N). y_place: the first step whose h is wanted in
    y_out, and how far there a step and a row are apart.
    cells_out (T + 1, N, P L) are cont c_t-1, as `inputs` (T + 1, N, S) hold cont h_t-1; on entry
    step 0 of both is set. squashed_out (T, N, P L) is tanh c.
    """
    rows = shape[1]
    for part in prange((rows + block - 1) // block):
        first = np.int64(part) * block
        last = min(rows, first + block)
        _rows_forward(
            first,
            last,
            shape,
            inputs,
            w,
            ahead,
            cont,
            y_place,
            gates_out,
            squashed_out,
            cells_out,
            y_out,
        )
