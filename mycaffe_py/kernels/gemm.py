"""Floor 0. Matrix products whose bits do not depend on the number of threads.

C = alpha op(A) op(B) (+ C), op either nothing or the transpose, row-major, float32 or float64.
Every element of C sums over the depth K from first to last in blocks of `DEPTH`, whichever thread
computes it and wherever it stands in a tile; a BLAS makes no such promise.

op(B) is first copied to panels: (N/L, K, L) with L lanes, zeros behind the last column. A tile is
MR rows of op(A), read in place and broadcast, times PANELS panels: 6 x 4 sums where the host has
32 vector registers, 6 x 2 where it has 16.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from .inlined import inlined
from .jit import kernel, parallel_kernel
from .masked import load_first, store_first
from .tile import (
    broadcast_tile,
    load_tile,
    outer_fma,
    square,
    store_tile,
    transpose_tile,
    zeros,
)
from .vector import (
    REGISTERS,
    aligned_empty,
    fma,
    lanes,
    load,
    splat,
    store,
    width,
)

PANELS = 4 if REGISTERS == 32 else 2
ROWS = 6
DEPTH = 1024
_WIDE = (0,) * PANELS
_NARROW = (0,)
_ROWS = (0,) * ROWS
_WIDE_TILE = (0,) * (ROWS * PANELS)
_ROWS_PER_ITEM = 16 * ROWS


@kernel
def multiply_panels(a, a_start, a_row, a_depth, b, b_start, b_panel, depth, panels, tile):
    """ROWS x panels sums over `depth`; a (i, k) stands at a_start + i a_row + k a_depth."""
    size = width(b)
    for k in range(depth):
        columns = load_tile(b, b_start + k * size, b_panel, panels)
        rows = broadcast_tile(a, a_start + k * a_depth, a_row, _ROWS)
        tile = outer_fma(rows, columns, tile)
    return tile


@inlined
def _panel_step(depth, size):
    """Elements from panel to panel: an odd number of lines, or panels would share cache sets."""
    return (depth + 1 - depth % 2) * size


@inlined
def _pack_rows(b, columns, panels, panel_step, b_panels_out):
    """Panels panels[0] to panels[1] of op(B) = B, flat (K, columns), row after row."""
    size = width(b)
    for k in range(b.size // columns):
        for panel in range(panels[0], panels[1]):
            first = panel * size
            row = load_first(b, k * columns + first, min(size, columns - first))
            store(b_panels_out, panel * panel_step + k * size, row)


@kernel
def pack_columns(b, columns, panel, panel_step, b_panels_out):
    """One panel of op(B) = B transposed: b flat (columns, K), panels panel_step elements apart."""
    size = width(b)
    depth = b.size // columns
    first = panel * size
    start = panel * panel_step
    whole = depth - depth % size if first + size <= columns else 0
    for k in range(0, whole, size):
        block = load_tile(b, first * depth + k, depth, square(b))
        store_tile(b_panels_out, start + k * size, size, transpose_tile(block))
    for lane in range(size):
        row = (first + lane) * depth
        inside = first + lane < columns
        for k in range(whole, depth):
            b_panels_out[start + k * size + lane] = b[row + k] if inside else b.dtype.type(0)


@inlined
def _pack(b, transposed, columns, panels, panel_step, b_panels_out):
    if transposed:
        for panel in range(panels[0], panels[1]):
            pack_columns(b, columns, panel, panel_step, b_panels_out)
    else:
        _pack_rows(b, columns, panels, panel_step, b_panels_out)


@inlined
def _write(sums, panels, first_row, rows, first_panel, columns, alpha, add, c_out):
    """c_out[first_row : first_row + rows] (+)= alpha * the last `rows` rows of a spilled tile."""
    size = width(sums)
    factor = splat(sums, alpha)
    zero = splat(sums, 0)
    for i in range(rows):
        for j in range(panels):
            first = (first_panel + j) * size
            count = min(size, columns - first)
            place = (first_row + i) * columns + first
            old = load_first(c_out, place, count) if add else zero
            source = ((ROWS - rows + i) * panels + j) * size
            store_first(c_out, place, fma(factor, load(sums, source), old), count)


@inlined
def _item(a, a_row, a_depth, b, depths, rows, columns, panel, wide, alpha, add, c_out):
    """Rows rows[0] to rows[1] of C times one group of panels, for depths[0] to depths[1]."""
    size = width(b)
    sums = np.empty(ROWS * PANELS * size, b.dtype)
    b_panel = _panel_step(depths[2], size)
    b_start = panel * b_panel + depths[0] * size
    depth = depths[1] - depths[0]
    row = rows[0]
    while row < rows[1]:
        single = rows[2] < ROWS
        step = 1 if single else min(ROWS, rows[1] - row)
        start = (row if single else row + step - ROWS) * a_row + depths[0] * a_depth
        stride = 0 if single else a_row
        if wide:
            tile = zeros(b, _WIDE_TILE)
            tile = multiply_panels(
                a, start, stride, a_depth, b, b_start, b_panel, depth, _WIDE, tile
            )
            store_tile(sums, 0, size, tile)
            _write(sums, PANELS, row, step, panel, columns, alpha, add, c_out)
        else:
            thin = zeros(b, _ROWS)
            thin = multiply_panels(
                a, start, stride, a_depth, b, b_start, b_panel, depth, _NARROW, thin
            )
            store_tile(sums, 0, size, thin)
            _write(sums, 1, row, step, panel, columns, alpha, add, c_out)
        row += step


@kernel
def _numbered_item(item, a, transposed, b, depths, rows, columns, alpha, add, c_out):
    """Work item number `item`: items run over row blocks, then over panel groups."""
    size = width(b)
    panels = (columns + size - 1) // size
    blocks = (rows + _ROWS_PER_ITEM - 1) // _ROWS_PER_ITEM
    group = item // blocks
    first = (item % blocks) * _ROWS_PER_ITEM
    span = (first, min(rows, first + _ROWS_PER_ITEM), rows)
    wide = panels // PANELS
    panel = group * PANELS if group < wide else wide * PANELS + group - wide
    a_row = 1 if transposed else depths[2]
    a_depth = rows if transposed else 1
    _item(a, a_row, a_depth, b, depths, span, columns, panel, group < wide, alpha, add, c_out)


@parallel_kernel
def _multiply(a, transpose_a, b, transpose_b, shape, alpha, accumulate, packed_out, c_out):
    rows, columns, depth = shape
    panel_step = _panel_step(depth, width(b))
    panels = packed_out.size // panel_step
    for part in prange((panels + PANELS - 1) // PANELS):
        first = np.int64(part) * PANELS
        some = (first, min(panels, first + PANELS))
        _pack(b, transpose_b, columns, some, panel_step, packed_out)
    groups = panels // PANELS + panels % PANELS
    items = groups * ((rows + _ROWS_PER_ITEM - 1) // _ROWS_PER_ITEM)
    for start in range(0, depth, DEPTH):
        span = (start, min(depth, start + DEPTH), depth)
        add = accumulate or start > 0
        for item in prange(items):
            _numbered_item(
                np.int64(item), a, transpose_a, packed_out, span, rows, columns, alpha, add, c_out
            )


def packed_size(columns, depth, dtype):
    """Elements of the scratch array `packed` for op(b) (depth, columns)."""
    size = lanes(dtype)
    return -(-columns // size) * (depth + 1 - depth % 2) * size


def gemm(
    a, b, c_out, *, transpose_a=False, transpose_b=False, alpha=1.0, accumulate=False, packed=None
):
    """c_out = alpha op(a) op(b), or c_out += that with `accumulate`.

    Shapes: op(a) (M, K), op(b) (K, N), c_out (M, N), all C-contiguous and of one dtype, float32
    or float64. Same bits on any number of threads. packed: scratch of at least packed_size(N, K)
    elements that is kept between calls; without it a large product waits for fresh memory pages.
    """
    if not c_out.flags.c_contiguous:
        raise ValueError("gemm writes C-contiguous arrays only")
    left = np.ascontiguousarray(a).reshape(-1)
    right = np.ascontiguousarray(b).reshape(-1)
    rows, columns = c_out.shape
    depth = a.shape[0] if transpose_a else a.shape[1]
    needed = packed_size(columns, depth, b.dtype)
    packed = aligned_empty((needed,), b.dtype) if packed is None else packed[:needed]
    shape = (rows, columns, depth)
    c = c_out.reshape(-1)
    _multiply(left, transpose_a, right, transpose_b, shape, alpha, accumulate, packed, c)
