"""Rows laid side by side, so that one vector register holds one element of several rows.

A panel holds as many rows as a float64 vector has lanes: (D, L); a group is PANELS panels, flat
from `start` on in its array.
"""

import math

import numpy as np

from ..inlined import inlined
from ..jit import kernel
from ..products.gemm_write import PANELS
from ..vectors.differences import outer_squares
from ..vectors.register_tile import load_tile, square, store_tile, transpose_tile, zeros
from ..vectors.vector import width

_GROUP = (0,) * PANELS
_ORIGIN = (0,)


@kernel
def _copy_rows(x, first, start, rows, panels_out):
    """One panel: rows to float64 in `rows`, scratch (L * D,); then squares of elements turned."""
    size = width(panels_out)
    depth = x.shape[1]
    for lane in range(size):
        inside = first + lane < x.shape[0]
        for k in range(depth):
            rows[lane * depth + k] = np.float64(x[first + lane, k]) if inside else 0.0
    whole = depth - depth % size
    for k in range(0, whole, size):
        turned = transpose_tile(load_tile(rows, k, depth, square(rows)))
        store_tile(panels_out, start + k * size, size, turned)
    for lane in range(size):
        for k in range(whole, depth):
            panels_out[start + k * size + lane] = rows[lane * depth + k]


@inlined
def _sum_squares(depth, start, panels, first, squares_out):
    """Squared distances from the origin, of the whole group at once."""
    size = width(panels)
    origin = zeros(panels, _ORIGIN)
    tile = zeros(panels, _GROUP)
    for k in range(depth):
        columns = load_tile(panels, start + k * size, depth * size, _GROUP)
        tile = outer_squares(origin, columns, tile)
    store_tile(squares_out, first, size, tile)


@inlined
def _scale_to_length_1(depth, start, first, squares, panels_out):
    size = width(panels_out)
    for lane in range(PANELS * size):
        length = math.sqrt(squares[first + lane])
        place = start + lane // size * depth * size + lane % size
        if length != 0:
            for k in range(depth):
                panels_out[place + k * size] /= length


@kernel
def lay_group(x, first, units, start, rows, panels_out, squares_out):
    """The group of the rows of x (N, D) from `first` on, and squares_out[first ...]: |row|^2.

    Lanes behind the last row are 0; rows (L * D,) is scratch. With `units` each row is scaled to
    length 1; a row of zeros stays. A row that holds NaN or infinity has a square that is no finite
    number.
    """
    size = width(panels_out)
    depth = x.shape[1]
    for panel in range(PANELS):
        _copy_rows(x, first + panel * size, start + panel * depth * size, rows, panels_out)
    _sum_squares(depth, start, panels_out, first, squares_out)
    if units:
        _scale_to_length_1(depth, start, first, squares_out, panels_out)


@kernel
def lay_rows(x, units, rows_out, squares_out):
    """rows_out (N, D): x in float64, scaled with `units`, to the bit as a panel holds it.

    squares_out has room for whole groups.
    """
    size = width(squares_out)
    depth = x.shape[1]
    panels = np.empty(PANELS * depth * size, np.float64)
    scratch = np.empty(depth * size, np.float64)
    for first in range(0, x.shape[0], PANELS * size):
        lay_group(x, first, units, 0, scratch, panels, squares_out)
        for lane in range(min(PANELS * size, x.shape[0] - first)):
            place = lane // size * depth * size + lane % size
            for k in range(depth):
                rows_out[first + lane, k] = panels[place + k * size]
