"""A few rows times the transpose of a large matrix, as fast as the matrix comes from memory.

C = alpha A B' (+ C) with A of up to MOST_ROWS rows and B (columns, depth). B is read once, in
place: squares of it are transposed in registers, so that the lanes of a vector are outputs. Panels
as gemm.py packs them for many rows would be written and read again, which takes three times as
long. Every sum has the order of gemm.py, so the bits are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange
from numba.core.cgutils import unpack_tuple
from numba.extending import intrinsic

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..vectors.cache_hint import ask_for_tile
from ..vectors.register_tile import (
    broadcast_tile,
    load_tile,
    outer_fma,
    scale_fma,
    square,
    store_tile,
    transpose_tile,
    zeros,
)
from ..vectors.vector import (
    aligned_start,
    element_pointer,
    fma_value,
    position_value,
    splat,
    splat_value,
    width,
)

MOST_ROWS = 8
# Rows that one tile may have: fewer are filled up with zeros.
TILES = ((0,), (0,) * 4, (0,) * MOST_ROWS)
# Bytes ahead of the products at which each row of B is asked for.
_AHEAD = 384
_ONE = (0,)


def tile_of(rows: int) -> tuple[int, ...]:
    """The smallest tile that holds so many rows."""
    return next(tile for tile in TILES if rows <= len(tile))


@intrinsic
def _add_square(typingctx, laid, start, square, sums):  # type: ignore[no-untyped-def]
    """sums[i] + laid[start + k * len(sums) + i] * square[k], for k from first to last."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = position_value(context, builder, args[1], signature.args[1])
        pointer = element_pointer(context, builder, signature.args[0], args[0], place)
        found = unpack_tuple(builder, args[3])
        number = 0
        for column in unpack_tuple(builder, args[2]):
            for i, total in enumerate(found):
                scalar = builder.load(builder.gep(pointer, [place.type(number)]))
                number += 1
                spread = splat_value(builder, scalar, column.type.count)
                found[i] = fma_value(builder, spread, column, total)
        return context.make_tuple(builder, signature.return_type, found)

    return sums(laid, start, square, sums), codegen


@inlined
def _lay(a, a_row, a_depth, rows, depth, tile_rows, laid_out):
    """Rows of A side by side, (depth, tile_rows), zeros behind the last row."""
    for k in range(depth):
        for i in range(tile_rows):
            value = a[i * a_row + k * a_depth] if i < rows else a.dtype.type(0)
            laid_out[k * tile_rows + i] = value


@apart
def _multiply_panel(laid, tile_rows, b, first, depth, block, alpha, old, lead):
    """Outputs first, first + 1, ..., as many as a vector has lanes: old = alpha sums + old.

    old: from `lead` on the vectors of the rows; behind them room for a square.
    """
    size = width(b)
    rows = len(tile_rows)
    corner = lead + rows * size
    ahead = _AHEAD // b.itemsize
    for start in range(0, depth, block):
        end = min(depth, start + block)
        whole = end - (end - start) % size
        sums = zeros(b, tile_rows)
        for k in range(start, whole, size):
            place = first * depth + k
            ask_for_tile(b, place + ahead, depth, square(b))
            turned = transpose_tile(load_tile(b, place, depth, square(b)))
            sums = _add_square(laid, k * rows, turned, sums)
        for k in range(whole, end):
            for lane in range(size):
                old[corner + lane] = b[(first + lane) * depth + k]
            row = broadcast_tile(laid, k * rows, 1, tile_rows)
            sums = outer_fma(row, load_tile(old, corner, size, _ONE), sums)
        before = load_tile(old, lead, size, tile_rows)
        store_tile(old, lead, size, scale_fma(splat(b, alpha), sums, before))


@apart
def _multiply_panels(panels, laid, tile_rows, b, shape, block, alpha, add, c_out):
    """Panels panels[0] to panels[1] of C; the last reaches back over outputs already done."""
    rows, columns, depth = shape
    size = width(b)
    old = np.empty((len(tile_rows) + 2) * size, b.dtype)
    lead = aligned_start(old)
    for panel in range(panels[0], panels[1]):
        column = panel * size
        first = min(column, columns - size)
        for i in range(len(tile_rows)):
            for lane in range(size):
                keep = add and i < rows
                place = lead + i * size + lane
                old[place] = c_out[i * columns + first + lane] if keep else b.dtype.type(0)
        _multiply_panel(laid, tile_rows, b, first, depth, block, alpha, old, lead)
        for i in range(rows):
            for lane in range(column - first, size):
                c_out[i * columns + first + lane] = old[lead + i * size + lane]


@parallel_kernel
def multiply_few(pieces, a, a_row, a_depth, tile_rows, b, shape, block, alpha, add, laid, c_out):
    """C of len(tile_rows) rows or fewer, summed in blocks of the depth.

    a (i, k) stands at i a_row + k a_depth; b flat (columns, depth), columns at least the lanes of
    a vector; shape: rows, columns, depth; laid: scratch, len(tile_rows) depth elements.
    """
    rows, columns, depth = shape
    _lay(a, a_row, a_depth, rows, depth, len(tile_rows), laid)
    size = width(b)
    panels = (columns + size - 1) // size
    for piece in prange(pieces):
        number = np.int64(piece)
        share = (panels * number // pieces, panels * (number + 1) // pieces)
        _multiply_panels(share, laid, tile_rows, b, shape, block, alpha, add, c_out)
