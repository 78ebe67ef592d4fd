"""Pictures of another size: pixels between pixels, and pixels put back to where they were.

Planes are x (P, H, W) and y (P, OH, OW). Threads share planes, never one sum.
"""

import numpy as np
from numba import prange

from .jit import kernel, parallel_kernel


@kernel
def _between(count, begin, size, first_out, second_out, share_out):
    """For each of `count` places the pixels on both sides among `size` from `begin`.

    `share` is how much of the second one is in the value. Whole numbers, so that the last place is
    the last pixel whatever the sizes.
    """
    for i in range(count):
        whole, rest = 0, 0
        if count > 1:
            whole, rest = divmod(i * (size - 1), count - 1)
        first_out[i] = begin + whole
        second_out[i] = begin + min(whole + 1, size - 1)
        share_out[i] = rest / (count - 1) if count > 1 else 0.0


@parallel_kernel
def interpolate(x, top, left, height, width, y_out):
    """y from the `height` x `width` pixels of x at (`top`, `left`), their corners kept."""
    planes, rows, columns = y_out.shape
    above, below = np.empty(rows, np.int64), np.empty(rows, np.int64)
    before, behind = np.empty(columns, np.int64), np.empty(columns, np.int64)
    down, along = np.empty(rows, x.dtype), np.empty(columns, x.dtype)
    _between(rows, top, height, above, below, down)
    _between(columns, left, width, before, behind, along)
    for p in prange(planes):
        for i in range(rows):
            high, low = x[p, above[i]], x[p, below[i]]
            share = down[i]
            rest = x.dtype.type(1) - share
            for j in range(columns):
                a, b, part = before[j], behind[j], along[j]
                first = high[a] * rest + low[a] * share
                second = high[b] * rest + low[b] * share
                y_out[p, i, j] = first * (x.dtype.type(1) - part) + second * part


@parallel_kernel
def interpolate_backward(dy, top, left, height, width, dx_out):
    """Each dy goes to its four pixels by their shares; dx outside of them is 0."""
    planes, rows, columns = dy.shape
    above, below = np.empty(rows, np.int64), np.empty(rows, np.int64)
    before, behind = np.empty(columns, np.int64), np.empty(columns, np.int64)
    down, along = np.empty(rows, dy.dtype), np.empty(columns, dy.dtype)
    _between(rows, top, height, above, below, down)
    _between(columns, left, width, before, behind, along)
    for p in prange(planes):
        dx_out[p] = 0
        for i in range(rows):
            share = down[i]
            rest = dy.dtype.type(1) - share
            for j in range(columns):
                a, b = before[j], behind[j]
                second = dy[p, i, j] * along[j]
                first = dy[p, i, j] - second
                dx_out[p, above[i], a] += first * rest
                dx_out[p, above[i], b] += second * rest
                dx_out[p, below[i], a] += first * share
                dx_out[p, below[i], b] += second * share


@kernel
def put_back(x, places, y_out):
    """y (P, D) is 0 but for x (P, I) at its `places` in it, of equal ones the last one's.

    Returns the first index of `places`, flat, that is no place of y, else -1; y is then not done.
    """
    planes, count = x.shape
    length = y_out.shape[1]
    for p in range(planes):
        y_out[p] = 0
        for i in range(count):
            place = places[p, i]
            # Written so that a NaN is no place, either.
            if not (place > -1 and place < length):
                return p * count + i
            y_out[p, int(place)] = x[p, i]
    return -1


@kernel
def fetch_back(dy, places, dx_out):
    """dx (P, I) is dy (P, D) at `places`."""
    planes, count = dx_out.shape
    for p in range(planes):
        for i in range(count):
            dx_out[p, i] = dy[p, int(places[p, i])]
