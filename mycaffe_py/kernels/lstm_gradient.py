"""Floor 0. The gradient of an LSTM's weights: some rows through all steps.

It is taken while the gates' gradients of these rows and steps are still at hand. The rows of a
block never depend on the number of threads, and blocks are added in order, so neither do the bits.
"""

from __future__ import annotations

from .jit import kernel
from .tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from .vector import REGISTERS, width

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
def weights_gradient(block, first, last, steps, shape, inputs, columns, dgates, dw_out):
    """dw_out[block] (P, K, 4, L) += the rows first to last - 1 of `inputs` times dgates.

    steps: the first and the one behind the last. shape: T, N, H; the last step begins the sum.
    columns: K, whole tiles of COLUMNS, and S of inputs (T + 1, N, S); a tile may reach beyond the
    columns that count, into the next row.
    """
    rows, hidden = shape[1], shape[2]
    depth, stride = columns
    size = width(dw_out)
    panels = (hidden + size - 1) // size
    across = panels * 4 * size
    for panel in range(panels):
        for column in range(0, depth, COLUMNS):
            place = ((block * panels + panel) * depth + column) * 4 * size
            tile = zeros(dw_out, _TILE)
            if steps[1] < shape[0]:
                tile = load_tile(dw_out, place, size, _TILE)
            for t in range(steps[0], steps[1]):
                for n in range(t * rows + first, t * rows + last):
                    factors = broadcast_tile(inputs, n * stride + column, 1, _COLUMNS)
                    gradients = load_tile(dgates, n * across + panel * 4 * size, size, _GATES)
                    tile = outer_fma(factors, gradients, tile)
            store_tile(dw_out, place, size, tile)
