"""The gradient of an LSTM's weights: some rows through all steps.

It is taken while the gates' gradients of these rows and steps are still at hand. The rows of a
block never depend on the number of threads, and blocks are added in order, so neither do the bits.
"""

from __future__ import annotations

from ..jit import kernel
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from ..vectors.vector import REGISTERS, width

COLUMNS = 6 if REGISTERS == 32 else 2
_COLUMNS = (0,) * COLUMNS
_GATES = (0,) * 4
_TILE = (0,) * (4 * COLUMNS)


# Rows of dgates whose part in one panel, 24 KiB, stays in the first cache for all columns.
_ROWS = 96


@kernel
def steps_at_once(rows):
    """How many steps of so many rows are worth one call."""
    return max(1, _ROWS // rows)


@kernel
def weights_gradient(block, first, last, step, end, sizes, inputs, dgates, dw_out):
    """Add to a block's gradient of the weights, dw_out[block], that of some steps and rows.

    It is the sum of `inputs` (T + 1, N, S) times dgates over the steps `step` to end - 1 and the
    rows `first` to last - 1; the last step of all begins the sum. dw_out (blocks, P, K, 4, L): K
    is in whole tiles of COLUMNS, which may reach beyond the columns that count, into the next row.
    """
    rows, depth, stride = sizes.rows, sizes.depth, sizes.stride
    size = width(dw_out)
    panels = (sizes.hidden + size - 1) // size
    across = panels * 4 * size
    for panel in range(panels):
        for column in range(0, depth, COLUMNS):
            place = ((block * panels + panel) * depth + column) * 4 * size
            tile = zeros(dw_out, _TILE)
            if end < sizes.steps:
                tile = load_tile(dw_out, place, size, _TILE)
            for t in range(step, end):
                for n in range(t * rows + first, t * rows + last):
                    factors = broadcast_tile(inputs, n * stride + column, 1, _COLUMNS)
                    gradients = load_tile(dgates, n * across + panel * 4 * size, size, _GATES)
                    tile = outer_fma(factors, gradients, tile)
            store_tile(dw_out, place, size, tile)
