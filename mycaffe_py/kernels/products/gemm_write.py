"""How the sums of gemm.py reach C: row by row, or transposed.

`sums` is a small scratch array of rows of PANELS vectors. With `add`, C keeps what it held.
"""

from __future__ import annotations

from ..inlined import inlined
from ..vectors.cache_hint import prefetch
from ..vectors.masked import load_first, store_first
from ..vectors.register_tile import (
    load_tile,
    part,
    scale_fma,
    square,
    store_tile,
    transpose_tile,
    zeros,
)
from ..vectors.vector import REGISTERS, fma, load, splat, width

PANELS = 4 if REGISTERS == 32 else 2
ROWS = 6
_WIDE = (0,) * PANELS


@inlined
def ask_for_rows(like, row, rows, column, panels, columns, c_out):
    """Have the part of C that a tile is about to be added to brought near."""
    size = width(like)
    for i in range(rows):
        for j in range(panels):
            prefetch(c_out, (row + i) * columns + column + j * size)


@inlined
def add_vector(sums, source, count, alpha, add, place, c_out):
    """The first `count` elements from c_out[place] on (+)= alpha * those from sums[source] on."""
    old = load_first(c_out, place, count) if add else splat(sums, 0)
    store_first(c_out, place, fma(splat(sums, alpha), load(sums, source), old), count)


@inlined
def _add_row(row, place, factor, add, c_out):
    size = width(c_out)
    old = load_tile(c_out, place, size, _WIDE) if add else zeros(c_out, _WIDE)
    store_tile(c_out, place, size, scale_fma(factor, row, old))


@inlined
def write_tile(tile, place, columns, alpha, add, c_out):
    """A whole tile goes from its registers to C (., columns), its corner to c_out[place]."""
    factor = splat(c_out, alpha)
    _add_row(part(tile, 0, _WIDE), place, factor, add, c_out)
    _add_row(part(tile, 1, _WIDE), place + columns, factor, add, c_out)
    _add_row(part(tile, 2, _WIDE), place + 2 * columns, factor, add, c_out)
    _add_row(part(tile, 3, _WIDE), place + 3 * columns, factor, add, c_out)
    _add_row(part(tile, 4, _WIDE), place + 4 * columns, factor, add, c_out)
    _add_row(part(tile, 5, _WIDE), place + 5 * columns, factor, add, c_out)


@inlined
def write_rows(sums, lead, panels, row, rows, column, columns, alpha, add, c_out):
    """The last `rows` rows of a tile, spilled at `lead`, go to those of C from `row` on."""
    size = width(sums)
    for i in range(rows):
        for j in range(panels):
            across = column + j * size
            source = lead + ((ROWS - rows + i) * PANELS + j) * size
            count = min(size, columns - across)
            add_vector(sums, source, count, alpha, add, (row + i) * columns + across, c_out)


@inlined
def write_columns(sums, lead, panels, row, rows, column, sizes, alpha, add, c_out):
    """`rows` rows of sums behind the first ROWS go to the columns of C from `row` on.

    They are transposed in place, a square of vectors at a time. C is (sizes.columns, sizes.rows).
    """
    size = width(sums)
    step = PANELS * size
    for i in range(0, rows, size):
        for j in range(panels):
            corner = lead + (ROWS + i) * step + j * size
            block = load_tile(sums, corner, step, square(sums))
            store_tile(sums, corner, step, transpose_tile(block))
            across = column + j * size
            for lane in range(min(size, sizes.columns - across)):
                source = corner + lane * step
                place = (across + lane) * sizes.rows + row + i
                add_vector(sums, source, min(size, rows - i), alpha, add, place, c_out)
