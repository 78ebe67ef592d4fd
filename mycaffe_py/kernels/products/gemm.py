"""Matrix products whose bits do not depend on the number of threads.

C = alpha op(A) op(B) (+ C), op either nothing or the transpose, row-major, float32 or float64.
Every element of C sums over the depth K from first to last in blocks of `DEPTH`, whichever thread
computes it and wherever it stands in a tile; a BLAS makes no such promise.

A tile is ROWS rows of op(A), read in place and broadcast, times PANELS panels of op(B) that are a
vector wide: 6 x 4 sums where the host has 32 vector registers, 6 x 2 where it has 16. B is read in
place where few tiles read it and its rows lie well; otherwise it is first copied to panels
(N/L, K, L) with L lanes, zeros behind the last column. Where op(B) is a transpose and larger than
op(A), the product is computed transposed, so that the smaller one is copied; a few rows times such
a matrix go without copies (few_rows.py).
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import kernel, parallel_kernel
from ..sharing import Call, perform
from ..vectors.masked import load_first
from ..vectors.register_tile import load_tile, square, store_tile, transpose_tile
from ..vectors.vector import aligned_empty, aligned_start, lanes, store, width
from .few_rows import MOST_ROWS, multiply_few, tile_of
from .gemm_rows import FLIPPED_ROWS, Ending, Left, Right, Sizes, multiply_rows, sum_up
from .gemm_write import PANELS, ROWS

DEPTH = 1024
# Multiplications from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 4 << 20
# Rows of op(A) from which it pays to pack a right side that could be read in place: every tile of
# rows reads it once more, each vector from another page of memory.
_WORTH_PACKING = 256
# Rows this many bytes apart, or a multiple, fall into so few sets of a cache that they evict each
# other; then the right side is packed however it lies.
_CLASHING_BYTES = 1024


@kernel
def multiply_panels(a, a_start, a_row, a_depth, b, b_start, b_panel, depth, panels, tile):
    """ROWS x panels sums over `depth`; a (i, k) stands at a_start + i a_row + k a_depth."""
    size = width(b)
    return sum_up(a, a_start, a_row, a_depth, b, b_start, size, b_panel, depth, panels, tile)


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


@apart
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


@apart
def _pack(b, transposed, columns, panels, panel_step, b_panels_out):
    if transposed:
        for panel in range(panels[0], panels[1]):
            pack_columns(b, columns, panel, panel_step, b_panels_out)
    else:
        _pack_rows(b, columns, panels, panel_step, b_panels_out)


@inlined
def _share(number, pieces, line, tiles, panel, weight):
    """Which tiles of one group of `weight` panels belong to a piece: the first, one past the last.

    line: tiles times panels of the whole product, which are shared out evenly.
    """
    ahead = line * number // pieces - panel * tiles + weight - 1
    behind = line * (number + 1) // pieces - panel * tiles + weight - 1
    return min(max(ahead // weight, 0), tiles), min(max(behind // weight, 0), tiles)


@apart
def _multiply_piece(number, pieces, a, a_row, a_depth, b, packed, sizes, direct, ending, c_out):
    """Piece `number` of the product's tiles, taken as one line: group after group, row by row."""
    rows, columns, depth = sizes
    size = width(b)
    panels = (columns + size - 1) // size
    wide = (columns // size if direct else panels) // PANELS
    tile_rows = 1 if rows < ROWS else ROWS
    tiles = (rows + tile_rows - 1) // tile_rows
    step = _panel_step(depth, size)
    sums = np.empty((ROWS + FLIPPED_ROWS) * PANELS * size + size, b.dtype)
    lead = aligned_start(sums)
    for start in range(0, depth, DEPTH):
        span = min(DEPTH, depth - start)
        here = Ending(ending.flip, ending.alpha, ending.add or start > 0)
        left = Left(start * a_depth, a_row, a_depth)
        for group in range(wide + panels - wide * PANELS):
            weight = PANELS if group < wide else 1
            panel = group * PANELS if group < wide else wide * (PANELS - 1) + group
            first, last = _share(number, pieces, panels * tiles, tiles, panel, weight)
            first, last = first * tile_rows, min(last * tile_rows, rows)
            column = panel * size
            source, right = packed, Right(panel * step + start * size, size, step)
            if direct and column + weight * size <= columns:
                source, right = b, Right(column + start * columns, columns, size)
            multiply_rows(
                first,
                last,
                a,
                left,
                source,
                right,
                span,
                weight > 1,
                column,
                sizes,
                here,
                sums,
                lead,
                c_out,
            )


@parallel_kernel
def _multiply(
    pieces, a, transpose_a, b, transpose_b, shape, direct, flip, alpha, accumulate, packed, c_out
):
    rows, columns, depth = shape
    size = width(b)
    step = _panel_step(depth, size)
    a_row = 1 if transpose_a else depth
    a_depth = rows if transpose_a else 1
    panels = (columns + size - 1) // size
    unpacked = columns // size if direct else 0
    for part in prange((panels - unpacked + PANELS - 1) // PANELS):
        first = unpacked + np.int64(part) * PANELS
        _pack(b, transpose_b, columns, (first, min(panels, first + PANELS)), step, packed)
    for piece in prange(pieces):
        number = np.int64(piece)
        sizes = Sizes(rows, columns, depth)
        ending = Ending(flip, alpha, accumulate)
        _multiply_piece(number, pieces, a, a_row, a_depth, b, packed, sizes, direct, ending, c_out)


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
    perform(
        gemm_call(
            a,
            b,
            c_out,
            transpose_a=transpose_a,
            transpose_b=transpose_b,
            alpha=alpha,
            accumulate=accumulate,
            packed=packed,
        )
    )


def gemm_call(
    a, b, c_out, *, transpose_a=False, transpose_b=False, alpha=1.0, accumulate=False, packed=None
) -> Call:
    """What `gemm` calls."""
    if not c_out.flags.c_contiguous:
        raise ValueError("gemm writes C-contiguous arrays only")
    rows, columns = c_out.shape
    depth = a.shape[0] if transpose_a else a.shape[1]
    flip = transpose_b and columns > rows > MOST_ROWS
    if flip:
        a, transpose_a, b, transpose_b = b, not transpose_b, a, not transpose_a
        rows, columns = columns, rows
    left = np.ascontiguousarray(a).reshape(-1)
    right = np.ascontiguousarray(b).reshape(-1)
    needed = packed_size(columns, depth, right.dtype)
    packed = aligned_empty((needed,), right.dtype) if packed is None else packed[:needed]
    pieces = get_num_threads() if rows * columns * depth >= _WORTH_SHARING else 1
    shape = (rows, columns, depth)
    if transpose_b and rows <= MOST_ROWS <= columns and columns >= lanes(right.dtype):
        lies = (1, rows) if transpose_a else (depth, 1)
        few = (*lies, tile_of(rows), right, shape, DEPTH, alpha, accumulate)
        return Call(multiply_few, (pieces, left, *few, packed, c_out.reshape(-1)), pieces)
    clash = columns * b.itemsize % _CLASHING_BYTES
    direct = not transpose_b and rows < _WORTH_PACKING and clash != 0
    ways = (direct, flip, alpha, accumulate)
    arguments = (left, transpose_a, right, transpose_b, shape, *ways, packed, c_out.reshape(-1))
    return Call(_multiply, (pieces, *arguments), pieces)
