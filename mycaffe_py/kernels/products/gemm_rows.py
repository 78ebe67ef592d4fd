"""The loops at the heart of gemm.py: rows of op(A) times one group of panels of op(B)."""

from __future__ import annotations

from typing import NamedTuple

from ..apart import apart
from ..inlined import inlined
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from ..vectors.vector import width
from .gemm_write import PANELS, ROWS, ask_for_rows, write_columns, write_rows, write_tile

_WIDE = (0,) * PANELS
_NARROW = (0,)
_ROWS = (0,) * ROWS
_WIDE_TILE = (0,) * (ROWS * PANELS)
# Rows of sums that wait to be written transposed: whole tiles, and whole squares of vectors.
FLIPPED_ROWS = 96


class Sizes(NamedTuple):
    """C is (rows, columns); `depth` products make one of its elements."""

    rows: int
    columns: int
    depth: int


class Left(NamedTuple):
    """How op(A) lies: where it begins, and the steps from row to row and along the depth."""

    start: int
    row: int
    depth: int


class Right(NamedTuple):
    """How op(B) lies: where it begins, and the steps along the depth and from panel to panel."""

    start: int
    depth: int
    panel: int


class Ending(NamedTuple):
    """What becomes of the sums: times alpha, transposed if `flip`, added to C if `add`."""

    flip: bool
    alpha: float
    add: bool


@inlined
def sum_up(a, a_start, a_row, a_depth, b, b_start, b_depth, b_panel, depth, panels, tile):
    """tile + ROWS x panels sums over `depth`, first to last: one register each."""
    for k in range(depth):
        columns = load_tile(b, b_start + k * b_depth, b_panel, panels)
        rows = broadcast_tile(a, a_start + k * a_depth, a_row, _ROWS)
        tile = outer_fma(rows, columns, tile)
    return tile


@apart
def multiply_rows(
    first, last, a, left, b, right, depth, wide, column, sizes, ending, sums, lead, c_out
):
    """Rows first to last - 1 of op(A) times one group of panels, written to C.

    a, left: op(A) and how it lies, a Left; b, right: op(B) and a Right. depth: over how much of the
    depth. column: the group's first column in C. sums: scratch, from `lead` on. A tile at the end
    reaches back over rows already done; fewer rows than a tile go one by one.
    """
    size = width(b)
    panels = PANELS if wide else 1
    columns, flip, alpha, add = sizes.columns, ending.flip, ending.alpha, ending.add
    alone = sizes.rows < ROWS
    stride = 0 if alone else left.row
    a_depth, b_start, b_depth, b_panel = left.depth, right.start, right.depth, right.panel
    row = waiting = first
    while row < last:
        end = row + (1 if alone else min(ROWS, last - row))
        start = left.start + (row if alone else end - ROWS) * left.row
        spill = lead + ((end - waiting) * PANELS * size if flip else 0)
        if not flip:
            ask_for_rows(b, row, end - row, column, panels, columns, c_out)
        if wide:
            tile = zeros(b, _WIDE_TILE)
            tile = sum_up(
                a, start, stride, a_depth, b, b_start, b_depth, b_panel, depth, _WIDE, tile
            )
            if not flip and end - row == ROWS and column + PANELS * size <= columns:
                write_tile(tile, row * columns + column, columns, alpha, add, c_out)
                row = end
                continue
            store_tile(sums, spill, size, tile)
        else:
            thin = zeros(b, _ROWS)
            thin = sum_up(
                a, start, stride, a_depth, b, b_start, b_depth, b_panel, depth, _NARROW, thin
            )
            store_tile(sums, spill, PANELS * size, thin)
        if not flip:
            write_rows(sums, lead, panels, row, end - row, column, columns, alpha, add, c_out)
        elif end == last or end - waiting == FLIPPED_ROWS:
            write_columns(
                sums, lead, panels, waiting, end - waiting, column, sizes, alpha, add, c_out
            )
            waiting = end
        row = end
