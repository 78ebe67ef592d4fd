"""A picture looked up along a flow, between its pixels.

x (C, H, W) and y alike, flow (2, H, W): how many columns, rows to go from each pixel.
"""

from math import floor

import numpy as np

from ..jit import kernel


@kernel
def _corners(flow, i, j, height, width):
    """Rows and columns of the four pixels around, their parts, and whether they are inside."""
    column, row = j + np.float64(flow[0, i, j]), i + np.float64(flow[1, i, j])
    if not (0 <= column < width and 0 <= row < height):
        return False, 0, 0, 0, 0, 0.0, 0.0
    left, top = floor(column), floor(row)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    return True, top, bottom, left, right, row - top, column - left


@kernel
def warp(x, flow, outside, y_out):
    """y = x at (column + flow_x, row + flow_y), bilinear; `outside` where that is no place of x."""
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            inside, top, bottom, left, right, down, across = _corners(
                flow, i, j, x.shape[1], x.shape[2]
            )
            for c in range(x.shape[0]):
                if inside:
                    upper = (1 - across) * x[c, top, left] + across * x[c, top, right]
                    lower = (1 - across) * x[c, bottom, left] + across * x[c, bottom, right]
                    y_out[c, i, j] = (1 - down) * upper + down * lower
                else:
                    y_out[c, i, j] = outside


@kernel
def warp_backward(x, flow, dy, dx_out, dflow_out):
    """Adds to dx; writes dflow."""
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            inside, top, bottom, left, right, down, across = _corners(
                flow, i, j, x.shape[1], x.shape[2]
            )
            along_x, along_y = 0.0, 0.0
            for c in range(x.shape[0] if inside else 0):
                d = dy[c, i, j]
                dx_out[c, top, left] += (1 - down) * (1 - across) * d
                dx_out[c, top, right] += (1 - down) * across * d
                dx_out[c, bottom, left] += down * (1 - across) * d
                dx_out[c, bottom, right] += down * across * d
                upper = x[c, top, right] - x[c, top, left]
                lower = x[c, bottom, right] - x[c, bottom, left]
                along_x += d * ((1 - down) * upper + down * lower)
                start = (1 - across) * x[c, top, left] + across * x[c, top, right]
                end = (1 - across) * x[c, bottom, left] + across * x[c, bottom, right]
                along_y += d * (end - start)
            dflow_out[0, i, j] = along_x
            dflow_out[1, i, j] = along_y
