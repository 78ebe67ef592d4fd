"""A blob and a smaller one laid along its middle: x (outer, mid, inner), s and b (mid,).

Sums are taken in float64. One thread: all of this waits for memory, not for arithmetic.
"""

import numpy as np

from .jit import kernel


@kernel
def scale_and_shift(x, s, b, y_out):
    """y = x * s + b; an empty b counts as 0. y may be x."""
    outer, mid, inner = x.shape
    shifts = b.size > 0
    for o in range(outer):
        if inner == 1:
            for m in range(mid):
                y_out[o, m, 0] = x[o, m, 0] * s[m]
            if shifts:
                for m in range(mid):
                    y_out[o, m, 0] += b[m]
            continue
        for m in range(mid):
            factor = s[m]
            shift = b[m] if shifts else x.dtype.type(0)
            for i in range(inner):
                y_out[o, m, i] = x[o, m, i] * factor + shift


@kernel
def add_products(x, dy, ds):
    """Add to ds[m] the sum of dy * x over outer and inner."""
    outer, mid, inner = x.shape
    total = np.zeros(mid, np.float64)
    for o in range(outer):
        if inner == 1:
            for m in range(mid):
                total[m] += np.float64(dy[o, m, 0]) * x[o, m, 0]
            continue
        for m in range(mid):
            row = np.float64(0)
            for i in range(inner):
                row += np.float64(dy[o, m, i]) * x[o, m, i]
            total[m] += row
    for m in range(mid):
        ds[m] += total[m]


@kernel
def add_sums(dy, db):
    """Add to db[m] the sum of dy over outer and inner."""
    outer, mid, inner = dy.shape
    total = np.zeros(mid, np.float64)
    for o in range(outer):
        if inner == 1:
            for m in range(mid):
                total[m] += dy[o, m, 0]
            continue
        for m in range(mid):
            row = np.float64(0)
            for i in range(inner):
                row += dy[o, m, i]
            total[m] += row
    for m in range(mid):
        # Rounded first, so that two sums of opposite sign leave nothing.
        db[m] += db.dtype.type(total[m])
