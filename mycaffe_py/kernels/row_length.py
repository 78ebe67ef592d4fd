"""Floor 0. Rows scaled to length 1, the length being a root of squares or a sum of amounts.

x, y (N, D), length (N,). Sums are taken in float64.
"""

import math

import numpy as np

from .jit import kernel


@kernel
def unit_rows(x, amounts, length_out, y_out):
    """y = x / length, length = sqrt(sum x^2), or sum |x| with `amounts`; a row of zeros stays."""
    for n in range(x.shape[0]):
        total = np.float64(0)
        for k in range(x.shape[1]):
            value = np.float64(x[n, k])
            total += abs(value) if amounts else value * value
        length = total if amounts else math.sqrt(total)
        length_out[n] = length
        for k in range(x.shape[1]):
            y_out[n, k] = x[n, k] / length if length != 0 else x[n, k]


@kernel
def unit_rows_backward(y, dy, length, amounts, dx_out):
    """dx = (dy - (y . dy) * s) / length, s = y, or sign(y) with `amounts`; 0 for length 0."""
    for n in range(y.shape[0]):
        product = np.float64(0)
        for k in range(y.shape[1]):
            product += np.float64(y[n, k]) * dy[n, k]
        factor = 1 / np.float64(length[n]) if length[n] != 0 else 0.0
        for k in range(y.shape[1]):
            along = np.sign(y[n, k]) if amounts else y[n, k]
            dx_out[n, k] = (dy[n, k] - product * along) * factor
