"""Squared distances of all pairs, each the same bits wherever the pair stands.

Every sum runs over the elements from first to last in float64, one lane a pair: it does not depend
on the threads, on the tile, or on what else is asked at the same time.
"""

import numpy as np
from numba import prange

from ..inlined import inlined
from ..jit import kernel, parallel_kernel
from ..products.gemm_write import PANELS, ROWS
from ..vectors.differences import outer_squares
from ..vectors.register_tile import broadcast_tile, load_tile, store_tile, zeros
from ..vectors.vector import aligned_start, width
from .panels import lay_group

_ROWS = (0,) * ROWS
_ONE_ROW = (0,)
_GROUP = (0,) * PANELS
_TILE = (0,) * (ROWS * PANELS)


@inlined
def _sum_up(queries, query, panels, start, depth, rows, tile):
    size = width(panels)
    for k in range(depth):
        columns = load_tile(panels, start + k * size, depth * size, _GROUP)
        values = broadcast_tile(queries, query * depth + k, depth, rows)
        tile = outer_squares(values, columns, tile)
    return tile


@inlined
def _copy_sums(sums, rows, column, query, distances_out):
    group = PANELS * width(sums)
    for row in range(rows):
        for lane in range(group):
            distances_out[query + row, column + lane] = sums[row * group + lane]


@kernel
def _group_distances(queries, panels, start, depth, column, sums, distances_out):
    """All queries against one group of panels; the last tile reaches back over queries done."""
    count = distances_out.shape[0]
    size = width(panels)
    query = 0
    while query < count:
        if count < ROWS:
            thin = zeros(panels, _GROUP)
            thin = _sum_up(queries, query, panels, start, depth, _ONE_ROW, thin)
            store_tile(sums, 0, size, thin)
            _copy_sums(sums, 1, column, query, distances_out)
            query += 1
        else:
            first = min(query, count - ROWS)
            tile = zeros(panels, _TILE)
            tile = _sum_up(queries, first, panels, start, depth, _ROWS, tile)
            store_tile(sums, 0, size, tile)
            _copy_sums(sums, ROWS, column, first, distances_out)
            query += ROWS


@parallel_kernel
def pair_distances(queries, x, units, pieces, squares_out, distances_out):
    """distances (Q, B) of queries (Q * D,), flat float64, to the rows of x (N, D).

    B is N rounded up to whole groups of PANELS panels, squares_out (B,) is |row|^2 of x; what
    stands behind the first N means nothing. With `units` the rows of x are scaled to length 1.
    `pieces` is the number of parts the rows are shared out in.
    """
    depth = x.shape[1]
    size = width(queries)
    groups = distances_out.shape[1] // (PANELS * size)
    for piece in prange(pieces):
        panels = np.empty(PANELS * depth * size + size, np.float64)
        rows = np.empty(depth * size, np.float64)
        sums = np.empty(ROWS * PANELS * size, np.float64)
        start = aligned_start(panels)
        number = np.int64(piece)
        for group in range(groups * number // pieces, groups * (number + 1) // pieces):
            column = group * PANELS * size
            lay_group(x, column, units, start, rows, panels, squares_out)
            _group_distances(queries, panels, start, depth, column, sums, distances_out)
