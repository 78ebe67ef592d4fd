"""Floor 0. The loops at the heart of gemm.py: rows of op(A) times one group of panels of op(B)."""

from __future__ import annotations

from .gemm_write import PANELS, ROWS, ask_for_rows, write_columns, write_rows, write_tile
from .inlined import inlined
from .jit import kernel
from .tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from .vector import width

_WIDE = (0,) * PANELS
_NARROW = (0,)
_ROWS = (0,) * ROWS
_WIDE_TILE = (0,) * (ROWS * PANELS)
# Rows of sums that wait to be written transposed: whole tiles, and whole squares of vectors.
FLIPPED_ROWS = 96


@inlined
def sum_up(a, a_start, a_row, a_depth, b, b_start, b_depth, b_panel, depth, panels, tile):
    """tile + ROWS x panels sums over `depth`, first to last: one register each."""
    for k in range(depth):
        columns = load_tile(b, b_start + k * b_depth, b_panel, panels)
        rows = broadcast_tile(a, a_start + k * a_depth, a_row, _ROWS)
        tile = outer_fma(rows, columns, tile)
    return tile


@kernel
def multiply_rows(
    first, last, a, left, b, right, depth, wide, column, shape, flip, alpha, add, sums, lead, c_out
):
    """Rows first to last - 1 of op(A) times one group of panels, written to C.

    left: where a begins, steps from row to row and along the depth; right: where b begins, steps
    along the depth and from panel to panel. sums: scratch, from `lead` on. A tile at the end
    reaches back over rows already done; fewer rows than a tile go one by one.
    """
    size = width(b)
    panels = PANELS if wide else 1
    alone = shape[0] < ROWS
    stride = 0 if alone else left[1]
    row = waiting = first
    while row < last:
        end = row + (1 if alone else min(ROWS, last - row))
        start = left[0] + (row if alone else end - ROWS) * left[1]
        spill = lead + ((end - waiting) * PANELS * size if flip else 0)
        if not flip:
            ask_for_rows(b, row, end - row, column, panels, shape[1], c_out)
        if wide:
            tile = zeros(b, _WIDE_TILE)
            tile = sum_up(
                a, start, stride, left[2], b, right[0], right[1], right[2], depth, _WIDE, tile
            )
            if not flip and end - row == ROWS and column + PANELS * size <= shape[1]:
                write_tile(tile, row * shape[1] + column, shape[1], alpha, add, c_out)
                row = end
                continue
            store_tile(sums, spill, size, tile)
        else:
            thin = zeros(b, _ROWS)
            thin = sum_up(
                a, start, stride, left[2], b, right[0], right[1], right[2], depth, _NARROW, thin
            )
            store_tile(sums, spill, PANELS * size, thin)
        if not flip:
            write_rows(sums, lead, panels, row, end - row, column, shape[1], alpha, add, c_out)
        elif end == last or end - waiting == FLIPPED_ROWS:
            write_columns(
                sums, lead, panels, waiting, end - waiting, column, shape, alpha, add, c_out
            )
            waiting = end
        row = end
