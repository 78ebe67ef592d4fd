"""The recurrence of a long short-term memory backwards; the arrays are those of lstm_arrays.py.

At each step the gradient of h is the product of the later step's gate gradients with W_h. A tile of
it is turned into the gradients of this step's gates while it is at hand.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel
from ..vectors.masked import load_first
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from ..vectors.vector import REGISTERS, aligned_start, element, fma, load, splat, store, width
from ..vectors.vector_math import add, kept, multiply, subtract
from .lstm_arrays import place_in_top, tile_at
from .lstm_gradient import steps_at_once, weights_gradient

# Rows of a tile of two panels: 24 sums where there are 32 registers.
ROWS = 12 if REGISTERS == 32 else 6
_ROWS = (0,) * ROWS
_TWO = (0, 0)
_TWO_TILE = (0,) * (2 * ROWS)
_ONE = (0,)


@kernel
def _multiply(dgates, start, row_step, w, column, wide, padded, sums_out, lead):
    """ROWS rows of dgates times one panel or two of w, written to sums_out from `lead` on.

    w (4 padded, padded) from `column` on; a row of sums is two panels wide.
    """
    size = width(w)
    if wide:
        tile = zeros(w, _TWO_TILE)
        for k in range(4 * padded):
            columns = load_tile(w, column + k * padded, size, _TWO)
            tile = outer_fma(broadcast_tile(dgates, start + k, row_step, _ROWS), columns, tile)
        store_tile(sums_out, lead, size, tile)
    else:
        thin = zeros(w, _ROWS)
        for k in range(4 * padded):
            panel = load_tile(w, column + k * padded, size, _ONE)
            thin = outer_fma(broadcast_tile(dgates, start + k, row_step, _ROWS), panel, thin)
        store_tile(sums_out, lead, 2 * size, thin)


@kernel
def _load_state(dh, place, row_step, wide, sums_out, lead):
    """One panel or two of ROWS rows of dh, as `_multiply` would write them."""
    size = width(dh)
    for row in range(ROWS):
        for panel in range(2 if wide else 1):
            vector = load(dh, place + row * row_step + panel * size)
            store(sums_out, lead + (2 * row + panel) * size, vector)


@kernel
def _store_state(tile, sums, spill, cont, column, row_step, dh_out):
    """The gradient of the exposed state h at the start, one panel of a tile's new rows."""
    for n in range(tile.first, tile.last):
        later = load(sums, spill + (n - tile.first) * 2 * width(dh_out))
        store(dh_out, column + n * row_step, kept(later, element(cont, n)))


@kernel
def _finish(t, tile, panel, sizes, sums, spill, cont, place, trace, dy, dgates, dc):
    """The gradients of one panel's gates in a tile's new rows; dc goes one step back.

    `sums` from `spill` on: the gradient of h from later steps, two panels from row to row. place:
    where the gradient of the top's h is in dy.
    """
    gates, squashed, cells = trace
    rows = sizes.rows
    size = width(gates)
    panels = (sizes.hidden + size - 1) // size
    one = splat(gates, 1)
    for n in range(tile.first, tile.last):
        seen = load(sums, spill + (n - tile.first) * 2 * size)
        later = kept(seen, element(cont, (t + 1) * rows + n))
        dh = add(later, load_first(dy, place.start + n * place.row, place.wanted))
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


# Not inlined: then numba counts references to the arrays once a step, not once a tile.
@kernel
def _step_backward(t, first, last, sizes, w, cont, top, trace, dy, gradients, sums, lead):
    """One step of the rows first to last - 1, two panels at a time; step -1 is the state before.

    sums: scratch, used from `lead` on.
    """
    size = width(dy)
    padded = (sizes.hidden + size - 1) // size * size
    alone = last - first < ROWS
    row_step = 0 if alone else padded
    dgates, dh, dc, _ = gradients
    for column in range(0, padded, 2 * size):
        wide = column + size < padded
        row = first
        while row < last:
            tile = tile_at(row, last, ROWS, alone)
            if t + 1 == sizes.steps:
                _load_state(dh, tile.top * padded + column, row_step, wide, sums, lead)
            else:
                start = ((t + 1) * sizes.rows + tile.top) * 4 * padded
                _multiply(dgates, start, 4 * row_step, w, column, wide, padded, sums, lead)
            for part in range(2 if wide else 1):
                spill = lead + (2 * (row - tile.top) + part) * size
                here = column + part * size
                if t < 0:
                    _store_state(tile, sums, spill, cont, here, padded, dh)
                    continue
                place = place_in_top(top, t, here, sizes.hidden, size)
                panel = here // size
                _finish(t, tile, panel, sizes, sums, spill, cont, place, trace, dy, dgates, dc)
            row = tile.last


@kernel
def _rows_backward(block, first, last, sizes, w, cont, top, exposed, trace, dy, inputs, gradients):
    """All steps of the rows first to last - 1, last step first."""
    size = width(dy)
    sums = np.empty((2 * ROWS + 1) * size, dy.dtype)
    lead = aligned_start(sums)
    dw = gradients.w
    waiting = sizes.steps
    for t in range(sizes.steps - 1, -2 if exposed else -1, -1):
        _step_backward(t, first, last, sizes, w, cont, top, trace, dy, gradients, sums, lead)
        if dw.size > 0 and (t == 0 or (t > 0 and waiting - t == steps_at_once(last - first))):
            weights_gradient(block, first, last, t, waiting, sizes, inputs, gradients.gates, dw)
            waiting = t


@parallel_kernel
def lstm_backward(block, sizes, w, cont, top, exposed, trace, dy, inputs, gradients_out):
    """The gradients of the gates, of the weights and of the state at the start, from dy.

    A thread takes `block` rows at a time. sizes: Sizes. w (P 4 L, P L): the rows of W_h in the
    order of the gates. dy: the gradient of the layer's top, placed as `top`, a Top, says.
    `exposed`: whether the gradient of the state h at the start is wanted. gradients_out: Gradients;
    that of the weights sums `inputs` times the gates' gradients over steps and rows. The rest is
    what `lstm_forward` read and wrote.
    """
    for part in prange((sizes.rows + block - 1) // block):
        number = np.int64(part)
        first = number * block
        last = min(sizes.rows, first + block)
        _rows_backward(
            number, first, last, sizes, w, cont, top, exposed, trace, dy, inputs, gradients_out
        )
