"""Cells of regions of a feature map: the greatest value of each, or its mean.

x (N, C, H, W). R regions of PH x PW cells: items (R,) are the rows of x they lie in, and rows
(R, PH, 2) and columns (R, PW, 2) where each cell begins and ends inside the map. A cell may be
empty: it gives 0 and takes no gradient.
"""

from numba import prange

from ..jit import kernel, parallel_kernel


@kernel
def _largest(plane, top, bottom, left, right):
    """Value and flat place of a cell's first maximum; 0 and -1 where it is empty.

    A NaN counts as the largest.
    """
    if bottom <= top or right <= left:
        return plane.dtype.type(0), -1
    width = plane.shape[1]
    value, place = plane[top, left], top * width + left
    for iy in range(top, bottom):
        for ix in range(left, right):
            candidate = plane[iy, ix]
            if candidate > value or candidate != candidate:
                value, place = candidate, iy * width + ix
    return value, place


@parallel_kernel
def largest_of_cells(x, items, rows, columns, y_out, mask_out):
    """y and mask (R, C, PH, PW): the first maximum of each cell, and its flat place or -1."""
    for region in prange(y_out.shape[0]):
        for c in range(y_out.shape[1]):
            plane = x[items[region], c]
            for py in range(y_out.shape[2]):
                top, bottom = rows[region, py]
                for px in range(y_out.shape[3]):
                    left, right = columns[region, px]
                    value, place = _largest(plane, top, bottom, left, right)
                    y_out[region, c, py, px] = value
                    mask_out[region, c, py, px] = place


@parallel_kernel
def largest_of_cells_backward(dy, items, mask, dx):
    """Overwrite dx (N, C, H, W): each dy is added where its maximum came from."""
    regions, channels, tall, wide = dy.shape
    width = dx.shape[3]
    for c in prange(channels):
        dx[:, c] = 0
        for region in range(regions):
            for py in range(tall):
                for px in range(wide):
                    place = mask[region, c, py, px]
                    if place >= 0:
                        iy, ix = place // width, place % width
                        dx[items[region], c, iy, ix] += dy[region, c, py, px]


@parallel_kernel
def mean_of_cells(x, items, rows, columns, y_out):
    """y (R, K, G, G): the mean of each cell, of channel (k * G + py) * G + px of x."""
    groups = y_out.shape[2]
    for region in prange(y_out.shape[0]):
        for k in range(y_out.shape[1]):
            for py in range(groups):
                top, bottom = rows[region, py]
                for px in range(groups):
                    left, right = columns[region, px]
                    plane = x[items[region], (k * groups + py) * groups + px]
                    total = x.dtype.type(0)
                    for iy in range(top, bottom):
                        for ix in range(left, right):
                            total += plane[iy, ix]
                    area = max(bottom - top, 0) * max(right - left, 0)
                    y_out[region, k, py, px] = total / x.dtype.type(max(area, 1))


@parallel_kernel
def mean_of_cells_backward(dy, items, rows, columns, dx):
    """Overwrite dx (N, C, H, W): each dy is spread evenly over its cell."""
    regions, _, groups, _ = dy.shape
    for c in prange(dx.shape[1]):
        k, py, px = c // (groups * groups), c // groups % groups, c % groups
        dx[:, c] = 0
        for region in range(regions):
            top, bottom = rows[region, py]
            left, right = columns[region, px]
            area = max(bottom - top, 0) * max(right - left, 0)
            share = dy[region, k, py, px] / dx.dtype.type(max(area, 1))
            for iy in range(top, bottom):
                for ix in range(left, right):
                    dx[items[region], c, iy, ix] += share
