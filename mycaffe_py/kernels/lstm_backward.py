"""Floor 0. The recurrence of a long short-term memory backwards; storage as in lstm_forward.py.

At each step the gradient of h is a product of the later step's gate gradients with W_h; a tile of
it is turned into the gradients of this step's gates while it is at hand.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from .jit import kernel, parallel_kernel
from .lstm_gradient import steps_at_once, weights_gradient
from .masked import load_first
from .tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from .vector import REGISTERS, aligned_start, element, fma, load, splat, store, width
from .vector_math import add, kept, multiply, subtract

# Rows of a tile of two panels: 24 sums where there are 32 registers.
ROWS = 12 if REGISTERS == 32 else 6
_ROWS = (0,) * ROWS
_TWO = (0, 0)
_TWO_TILE = (0,) * (2 * ROWS)
_ONE = (0,)


@kernel
def _multiply(a, start, row_step, depth, b, place, b_step, wide, sums_out, lead):
    """ROWS rows times one panel or two, spilled; a row of sums is two panels wide."""
    size = width(b)
    if wide:
        tile = zeros(b, _TWO_TILE)
        for k in range(depth):
            columns = load_tile(b, place + k * b_step, size, _TWO)
            tile = outer_fma(broadcast_tile(a, start + k, row_step, _ROWS), columns, tile)
        store_tile(sums_out, lead, size, tile)
    else:
        thin = zeros(b, _ROWS)
        for k in range(depth):
            column = load_tile(b, place + k * b_step, size, _ONE)
            thin = outer_fma(broadcast_tile(a, start + k, row_step, _ROWS), column, thin)
        store_tile(sums_out, lead, 2 * size, thin)


@kernel
def _finish(
    t, first, last, panel, shape, sums, spill, cont, place, gates, squashed, cells, dy, dgates, dc
):
    """The gradients of one panel's gates in some rows; dc goes one step back.

    `sums` from `spill` on: the gradient of h from later steps, two panels from row to row. place:
    where in dy that of the first row is, how far rows are apart, and how many numbers are there.
    """
    rows = shape[1]
    size = width(gates)
    panels = (shape[2] + size - 1) // size
    one = splat(gates, 1)
    dy_start, dy_step, given = place
    for n in range(first, last):
        later = kept(load(sums, spill + (n - first) * 2 * size), element(cont, (t + 1) * rows + n))
        dh = add(later, load_first(dy, dy_start + n * dy_step, given))
        state = ((t * rows + n) * panels + panel) * size
        i = load(gates, 4 * state)
        f = load(gates, 4 * state + size)
        o = load(gates, 4 * state + 2 * size)
        g = load(gates, 4 * state + 3 * size)
        s = load(squashed, state)
        own = (n * panels + panel) * size
        dh_o = multiply(dh, o)
        total = fma(dh_o, subtract(one, multiply(s, s)), load(dc, own))
        into_i = multiply(total, i)
        into_f = multiply(total, f)
        d_i = multiply(multiply(into_i, g), subtract(one, i))
        d_f = multiply(multiply(into_f, load(cells, state)), subtract(one, f))
        store(dgates, 4 * state, d_i)
        store(dgates, 4 * state + size, d_f)
        store(dgates, 4 * state + 2 * size, multiply(multiply(dh_o, s), subtract(one, o)))
        store(dgates, 4 * state + 3 * size, multiply(into_i, subtract(one, multiply(g, g))))
        store(dc, own, kept(into_f, element(cont, t * rows + n)))


@kernel
def _load_state(dh, place, row_step, wide, sums_out, lead):
    """One panel or two of ROWS rows of dh, as `_multiply` would spill them."""
    size = width(dh)
    for row in range(ROWS):
        for panel in range(2 if wide else 1):
            vector = load(dh, place + row * row_step + panel * size)
            store(sums_out, lead + (2 * row + panel) * size, vector)


@kernel
def _store_state(first, last, sums, spill, cont, place, row_step, dh_out):
    for n in range(first, last):
        vector = kept(load(sums, spill + (n - first) * 2 * width(dh_out)), element(cont, n))
        store(dh_out, place + n * row_step, vector)


@kernel
def _rows_backward(
    block,
    first,
    last,
    shape,
    w,
    cont,
    y_place,
    exposed,
    gates,
    squashed,
    cells,
    dy,
    inputs,
    columns,
    dgates,
    dh,
    dc,
    dw,
):
    """All steps of the rows first to last - 1, last step first."""
    steps, rows, hidden = shape
    size = width(gates)
    padded = (hidden + size - 1) // size * size
    room = np.empty((2 * ROWS + 1) * size, gates.dtype)
    lead = aligned_start(room)
    alone = last - first < ROWS
    waiting = steps
    for t in range(steps - 1, -2 if exposed else -1, -1):
        for column in range(0, padded, 2 * size):
            wide = column + size < padded
            row = first
            while row < last:
                end = row + (1 if alone else min(ROWS, last - row))
                top = row if alone else end - ROWS
                step = 0 if alone else padded
                if t + 1 == steps:
                    _load_state(dh, top * padded + column, step, wide, room, lead)
                else:
                    start = ((t + 1) * rows + top) * 4 * padded
                    _multiply(
                        dgates, start, 4 * step, 4 * padded, w, column, padded, wide, room, lead
                    )
                for part in range(2 if wide else 1):
                    spill = lead + (2 * (row - top) + part) * size
                    here = column + part * size
                    if t < 0:
                        _store_state(row, end, room, spill, cont, here, padded, dh)
                        continue
                    given = min(size, hidden - here) if t >= y_place[0] else 0
                    dy_start = max(0, t - y_place[0]) * y_place[1] + here
                    _finish(
                        t,
                        row,
                        end,
                        here // size,
                        shape,
                        room,
                        spill,
                        cont,
                        (dy_start, y_place[2], given),
                        gates,
                        squashed,
                        cells,
                        dy,
                        dgates,
                        dc,
                    )
                row = end
        if dw.size > 0 and (t == 0 or (t > 0 and waiting - t == steps_at_once(last - first))):
            weights_gradient(block, first, last, (t, waiting), shape, inputs, columns, dgates, dw)
            waiting = t


@parallel_kernel
def lstm_backward(
    block,
    shape,
    w,
    cont,
    y_place,
    exposed,
    gates,
    squashed,
    cells,
    dy,
    inputs,
    columns,
    dgates_out,
    dh_out,
    dc_out,
    dw_out,
):
    """Gradients dgates_out (T, N, P, 4, L) of the sums in front of the gates, from dy.

    shape: T, N, H. w (P 4 L, P L): the rows of W_h in the order of the gates. dh_out and dc_out
    (N, P L) hold the gradients of the state after the last step beyond dy; afterwards dc_out holds
    that of the state at the start and, if `exposed`, dh_out too.
    dw_out (blocks, P, K, 4, L), unless empty: for each block of rows, the sums over its steps and
    rows of `inputs` times dgates. columns: K in whole tiles, and S of `inputs`. The rest as in
    `lstm_forward`.
    """
    rows = shape[1]
    for part in prange((rows + block - 1) // block):
        first = np.int64(part) * block
        last = min(rows, first + block)
        _rows_backward(
            np.int64(part),
            first,
            last,
            shape,
            w,
            cont,
            y_place,
            exposed,
            gates,
            squashed,
            cells,
            dy,
            inputs,
            columns,
            dgates_out,
            dh_out,
            dc_out,
            dw_out,
        )
