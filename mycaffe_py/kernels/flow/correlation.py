"""How alike the places of two feature maps are.

a and b (C, H, W) of one item with their padding, y (D, h, w): y[d, i, j] compares the window of a
around row and column `border` + stride (i, j) with that of b which lies shifts[d] = (rows, columns)
away. `border` is so wide that no window leaves the map.
"""

from numba import prange

from ..jit import kernel, parallel_kernel


@parallel_kernel
def correlate(a, b, shifts, radius, border, stride, subtract, y_out):
    """y = mean of a b, or of |a - b|, over channels and the window of 2 radius + 1 a side."""
    share = a.dtype.type(1 / ((2 * radius + 1) ** 2 * a.shape[0]))
    for d in prange(shifts.shape[0]):
        y_out[d] = 0
        for c in range(a.shape[0]):
            for i in range(y_out.shape[1]):
                for u in range(-radius, radius + 1):
                    row = border + i * stride + u
                    here, there = a[c, row], b[c, row + shifts[d, 0]]
                    for v in range(border - radius, border + radius + 1):
                        w = v + shifts[d, 1]
                        for j in range(y_out.shape[2]):
                            p, q = here[v + j * stride], there[w + j * stride]
                            y_out[d, i, j] += share * (abs(p - q) if subtract else p * q)


@kernel
def correlate_backward(a, b, shifts, radius, border, stride, subtract, dy, da_out, db_out):
    """Adds to the gradients of a and b, padded as these are."""
    share = a.dtype.type(1 / ((2 * radius + 1) ** 2 * a.shape[0]))
    for d in range(shifts.shape[0]):
        for c in range(a.shape[0]):
            for i in range(dy.shape[1]):
                for u in range(-radius, radius + 1):
                    row = border + i * stride + u
                    row_b = row + shifts[d, 0]
                    for v in range(border - radius, border + radius + 1):
                        for j in range(dy.shape[2]):
                            column = v + j * stride
                            column_b = column + shifts[d, 1]
                            p, q = a[c, row, column], b[c, row_b, column_b]
                            slope = share * dy[d, i, j]
                            if subtract:
                                slope = slope if p >= q else -slope
                                da_out[c, row, column] += slope
                                db_out[c, row_b, column_b] -= slope
                            else:
                                da_out[c, row, column] += slope * q
                                db_out[c, row_b, column_b] += slope * p
