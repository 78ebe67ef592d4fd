"""What the bias of each channel gets, and before it what a ReLU behind it lets through."""

from __future__ import annotations

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel

# Values from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 1 << 18


@kernel
def _sum_channel(dy, first, last, k):
    total = np.float64(0)
    for n in range(first, last):
        for p in range(dy.shape[2]):
            total += dy[n, k, p]
    return total


@kernel
def _cut_channel(y, first, last, k, dy_out):
    zero = dy_out.dtype.type(0)
    total = np.float64(0)
    for n in range(first, last):
        for p in range(y.shape[2]):
            value = dy_out[n, k, p] if y[n, k, p] > zero else zero
            dy_out[n, k, p] = value
            total += value
    return total


@kernel
def _add_channel(y, twins, k, dy_out, db_out):
    rows = dy_out.shape[0] // twins
    for number in range(twins):
        first = (twins - 1 - number) * rows
        if y.size > 0:
            total = _cut_channel(y, first, first + rows, k, dy_out)
        else:
            total = _sum_channel(dy_out, first, first + rows, k)
        if db_out.size > 0:
            db_out[k] += dy_out.dtype.type(total)


@parallel_kernel
def add_channel_sums(y, twins, dy_out, db_out):
    """db_out (K,) += the sums of dy_out (N, K, P), for each of `twins` equal parts of the rows.

    The last part comes first; each sum is taken in float64, in the order of the values. Where y
    (N, K, P) is not empty, dy_out is set to 0 before where y is not above 0; db_out may be empty.
    """
    if dy_out.size < _WORTH_SHARING:
        for k in range(dy_out.shape[1]):
            _add_channel(y, twins, k, dy_out, db_out)
        return
    for k in prange(dy_out.shape[1]):
        _add_channel(y, twins, k, dy_out, db_out)
