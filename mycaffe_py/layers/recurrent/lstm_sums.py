"""The sums in front of an LSTM's gates: what they are made of, and their gradients.

A row of `inputs` holds cont h_t-1, x_t, s and 1, so that one product with a row of weights makes a
sum, and one product over all steps the gradients of all weights.
"""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.kernels.recurrent.lstm_inputs import set_inputs
from mycaffe_py.kernels.recurrent.lstm_weights import (
    as_exponents,
    forward_weights,
    in_caffes_order,
    rows_in_order,
)
from mycaffe_py.layers.base import Array, LayerIO
from mycaffe_py.layers.recurrent.lstm_sizes import LSTMSizes
from mycaffe_py.layers.recurrent.recurrent import RecurrentFacts


def _parts(sizes: LSTMSizes) -> list[tuple[int, int, int]]:
    """Of all parameters but W_h: number, first column in a row of `inputs`, number of columns."""
    facts = sizes.facts
    found = []
    column = sizes.padded
    for param, count in (
        (0, facts.inputs if sizes.together else 0),
        (2, facts.static),
        (1, 1),
    ):
        if count:
            found.append((param, column, count))
        column += count
    return found


def weights(io: LayerIO, sizes: LSTMSizes) -> Array:
    """W_h, W_x, W_s and b for `lstm_forward`."""
    others = [io.params[param].reshape(-1, count) for param, _, count in _parts(sizes)]
    return forward_weights(io.params[sizes.facts.recurrent_weight], others, sizes.lanes)


def steps_first(array: Array, facts: RecurrentFacts) -> Array:
    """A bottom or its gradient as (T, N, D), a view."""
    return facts.outside(array).reshape(facts.steps, facts.rows, -1)


def read_bottoms(io: LayerIO, sizes: LSTMSizes) -> None:
    """Fill `cont`, and `inputs` except h, and set the state before the first step."""
    facts, own = sizes.facts, io.scratch
    cont, inputs, cells = own["cont"], own["inputs"], own["cells"]
    cont[-1] = 1
    if facts.marked:
        cont[:-1] = facts.outside(io.bottoms[1])
    else:
        cont[0], cont[1:-1] = 0, 1
    for state, start in ((inputs, own["h"]), (cells, own["c"])):
        state[0, :, : sizes.padded] = 0
        if facts.marked:
            first = cont[0][:, None]
            state[0, :, : facts.hidden] = np.where(first == 0, 0, first * start)
    x = steps_first(io.bottoms[0], facts)
    static = io.bottoms[2] if facts.has_static else cont[:0]
    wide = facts.inputs if sizes.together else 0
    shape = (facts.steps, facts.rows, sizes.stride, sizes.padded, wide, facts.static)
    x_steps = (x.strides[0] // x.itemsize, x.strides[1] // x.itemsize)
    flat = (io.bottoms[0].reshape(-1), x_steps, static.reshape(-1), inputs.reshape(-1))
    set_inputs(shape, *flat)


def sums_ahead(io: LayerIO, sizes: LSTMSizes) -> Array:
    """W_x x of all steps in one product; an empty array where the recurrence adds it itself."""
    facts, sums = sizes.facts, io.scratch["dgates"]
    if sizes.together:
        return sums[:0]
    x = steps_first(io.bottoms[0], facts).reshape(-1, facts.inputs)
    w = rows_in_order(as_exponents(io.params[0], facts.hidden), facts.hidden, sizes.lanes)
    gemm(x, w, sums.reshape(len(x), -1), transpose_b=True)
    return sums


def add_gradients(io: LayerIO, sizes: LSTMSizes) -> None:
    """Add to the parameters' gradients, from `dw`."""
    facts = sizes.facts
    if all(dparam is None for dparam in io.dparams):
        return
    made = in_caffes_order(io.scratch["dw"], facts.hidden)
    for param, column, count in [(facts.recurrent_weight, 0, facts.hidden), *_parts(sizes)]:
        _add(io.dparams[param], made[:, :, column : column + count])
    if not sizes.together and io.dparams[0] is not None:
        dgates = io.scratch["dgates"].reshape(-1, 4 * sizes.padded)
        x = steps_first(io.bottoms[0], facts).reshape(len(dgates), -1)
        product = np.empty((facts.inputs, dgates.shape[1]), dgates.dtype)
        gemm(x, dgates, product, transpose_a=True)
        ordered = product.reshape(1, facts.inputs, -1, 4, sizes.lanes).swapaxes(1, 2)
        _add(io.dparams[0], in_caffes_order(ordered, facts.hidden))


def _add(dparam: Array | None, gradient: Array) -> None:
    if dparam is not None:
        dparam += gradient.reshape(dparam.shape)


def set_gradients(io: LayerIO, sizes: LSTMSizes) -> None:
    """Overwrite the gradients of x and s, from `dgates`."""
    facts, dgates = sizes.facts, io.scratch["dgates"]
    dx = io.dbottoms[0]
    if dx is not None:
        table = dgates.reshape(-1, dgates.shape[2])
        made = np.empty((len(table), facts.inputs), table.dtype)
        gemm(table, rows_in_order(io.params[0], facts.hidden, sizes.lanes), made)
        steps_first(dx, facts)[...] = made.reshape(facts.sequence(facts.inputs))
    if facts.has_static and (ds := io.dbottoms[2]) is not None:
        w = rows_in_order(io.params[2], facts.hidden, sizes.lanes)
        gemm(dgates.sum(axis=0), w, ds.reshape(facts.rows, -1))
