"""What recurrent kernels share: rows of a batch times weights, time step by time step.

The rows of a batch never meet, so each thread takes some rows through all steps; the weights are
packed once for all steps, as in kernels/products/gemm.py. Every sum runs over its depth from first
to last, so results do not depend on how the rows are shared out.
"""

from __future__ import annotations

import numba
import numpy as np

from ..jit import kernel
from ..products.gemm import PANELS, ROWS, multiply_panels, pack_columns
from ..vectors.masked import load_first
from ..vectors.register_tile import store_tile, zeros
from ..vectors.vector import aligned_empty, lanes, store, width

_WIDE = (0,) * PANELS
_WIDE_TILE = (0,) * (ROWS * PANELS)
_NARROW = (0,)
_NARROW_TILE = (0,) * ROWS


@kernel
def _pack(w, transpose, columns, panels, packed_out):
    size = width(w)
    depth = w.size // columns
    for panel in range(panels):
        if transpose:
            pack_columns(w, columns, panel, depth * size, packed_out)
            continue
        first = panel * size
        count = min(size, columns - first)
        for k in range(depth):
            row = load_first(w, k * columns + first, count)
            store(packed_out, (panel * depth + k) * size, row)


def pack(w, *, transpose=False):
    """w (K, M), or its transpose, as panels for `add_product`, flat."""
    columns, depth = w.shape if transpose else w.shape[::-1]
    per_panel = lanes(w.dtype)
    panels = -(-columns // per_panel)
    packed = aligned_empty((panels * depth * per_panel,), w.dtype)
    _pack(w.reshape(-1), transpose, columns, panels, packed)
    return packed


def rows_per_thread(rows):
    """How many rows of a batch one thread takes: whole tiles, all threads busy."""
    share = -(-rows // numba.get_num_threads())
    return -(-share // ROWS) * ROWS


@kernel
def carry(cont, state, state_out):
    """state_out = cont * state, 1-D; zeros where cont is 0, whatever the state held."""
    for j in range(state.size):
        state_out[j] = 0 if cont == 0 else cont * state[j]


@kernel
def _add_sums(sums, skipped, rows, wide, place, columns, count, c_out):
    for i in range(rows):
        for j in range(count):
            c_out[place + i * columns + j] += sums[(skipped + i) * wide + j]


@kernel
def _add_tile(a, start, stride, depth, packed, panel, wide, sums_out):
    """ROWS x PANELS (or x 1) panels of sums, spilled."""
    size = width(packed)
    step = depth * size
    place = panel * step
    if wide:
        tile = zeros(packed, _WIDE_TILE)
        tile = multiply_panels(a, start, stride, 1, packed, place, step, depth, _WIDE, tile)
        store_tile(sums_out, 0, size, tile)
    else:
        thin = zeros(packed, _NARROW_TILE)
        thin = multiply_panels(a, start, stride, 1, packed, place, step, depth, _NARROW, thin)
        store_tile(sums_out, 0, size, thin)


@kernel
def add_product(a, depth, packed, first, last, columns, c_out):
    """Rows first to last - 1 of c_out (., columns) += those of a (., depth) times the weights.

    a and c_out are flat. Less than a tile of rows at the end is multiplied together with rows in
    front of it, or row by row where there are none.
    """
    size = width(packed)
    panels = (columns + size - 1) // size
    sums = np.empty(ROWS * PANELS * size, packed.dtype)
    alone = last - first < ROWS
    panel = 0
    while panel < panels:
        wide = panel + PANELS <= panels
        across = (PANELS if wide else 1) * size
        count = min(across, columns - panel * size)
        row = first
        while row < last:
            rows = 1 if alone else min(ROWS, last - row)
            skipped = 0 if alone else ROWS - rows
            start = (row - skipped) * depth
            _add_tile(a, start, 0 if alone else depth, depth, packed, panel, wide, sums)
            place = row * columns + panel * size
            _add_sums(sums, skipped, rows, across, place, columns, count, c_out)
            row += rows
        panel += PANELS if wide else 1
