"""Floor 0. Means and deviations: per channel over a batch (BatchNorm), per row (MVN).

BatchNorm sees its blob as x (N, C, inner), MVN as x (R, D). Sums are taken in float64 and always
in the same order: threads share channels or rows, never one sum.
"""

import math

import numpy as np
from numba import prange

from .jit import kernel, parallel_kernel

# Below this many elements waking other threads costs more than they save.
WORTH_SHARING = 1 << 19


@kernel
def _moments(x, c):
    """Mean and mean squared deviation of channel c."""
    rows, _, inner = x.shape
    total = np.float64(0)
    for n in range(rows):
        for i in range(inner):
            total += x[n, c, i]
    mean = total / (rows * inner)
    squares = np.float64(0)
    for n in range(rows):
        for i in range(inner):
            away = x[n, c, i] - mean
            squares += away * away
    return mean, squares / (rows * inner)


@kernel
def _norm_channel(x, c, eps, mean_out, variance_out, spread_out, kept_out, y_out):
    """`channel_norm_forward` of channel c."""
    mean, variance = _moments(x, c)
    spread = math.sqrt(variance + eps)
    mean_out[c] = mean
    variance_out[c] = variance
    spread_out[c] = spread
    middle = x.dtype.type(mean)
    factor = x.dtype.type(1 / spread)
    for n in range(x.shape[0]):
        for i in range(x.shape[2]):
            value = (x[n, c, i] - middle) * factor
            kept_out[n, c, i] = value
            y_out[n, c, i] = value


@kernel
def _norm_channel_backward(y, dy, c, spread, dx_out):
    """`channel_norm_backward` of channel c."""
    rows, _, inner = y.shape
    total = np.float64(0)
    product = np.float64(0)
    for n in range(rows):
        for i in range(inner):
            gradient = np.float64(dy[n, c, i])
            total += gradient
            product += gradient * y[n, c, i]
    mean = y.dtype.type(total / (rows * inner))
    slope = y.dtype.type(product / (rows * inner))
    factor = y.dtype.type(1) / spread[c]
    for n in range(rows):
        for i in range(inner):
            dx_out[n, c, i] = (dy[n, c, i] - mean - y[n, c, i] * slope) * factor


@parallel_kernel
def channel_norm_forward(x, eps, mean_out, variance_out, spread_out, kept_out, y_out):
    """y = (x - mean) / spread with spread = sqrt(variance + eps), both over N and inner.

    mean, variance (of all m = N * inner values, divided by m) and spread are (C,); kept is a copy
    of y. y may be x.
    """
    if x.size < WORTH_SHARING:
        for c in range(x.shape[1]):
            _norm_channel(x, c, eps, mean_out, variance_out, spread_out, kept_out, y_out)
        return
    for c in prange(x.shape[1]):
        _norm_channel(x, c, eps, mean_out, variance_out, spread_out, kept_out, y_out)


@parallel_kernel
def channel_norm_backward(y, dy, spread, dx_out):
    """dx = (dy - mean(dy) - y * mean(dy * y)) / spread, means over N and inner; dx may be dy."""
    if y.size < WORTH_SHARING:
        for c in range(y.shape[1]):
            _norm_channel_backward(y, dy, c, spread, dx_out)
        return
    for c in prange(y.shape[1]):
        _norm_channel_backward(y, dy, c, spread, dx_out)


@kernel
def channel_norm_stored(x, mean, spread, y_out):
    """y = (x - mean) / spread; x (N, C, inner), mean and spread (C,). y may be x."""
    rows, channels, inner = x.shape
    one = x.dtype.type(1)
    for n in range(rows):
        for c in range(channels):
            middle = mean[c]
            factor = one / spread[c]
            for i in range(inner):
                y_out[n, c, i] = (x[n, c, i] - middle) * factor


@kernel
def row_norm_forward(x, eps, divides, deviation_out, y_out):
    """y = (x - mean) / (deviation + eps), both of one row; `divides` False leaves the division out.

    x, y (R, D), deviation (R,), the root of the squares' mean.
    """
    rows, count = x.shape
    for r in range(rows):
        total = np.float64(0)
        for i in range(count):
            total += x[r, i]
        mean = total / count
        squares = np.float64(0)
        for i in range(count):
            away = x[r, i] - mean
            squares += away * away
        deviation = math.sqrt(squares / count)
        deviation_out[r] = deviation
        factor = 1 / (deviation + eps) if divides else 1.0
        for i in range(count):
            y_out[r, i] = (x[r, i] - mean) * factor


@kernel
def row_norm_backward(y, dy, deviation, eps, divides, dx_out):
    """dx = (dy - mean(dy)) / (d + eps) - y * mean(dy * y) / d with d the deviation.

    Without division dx = dy - mean(dy). Where d is 0, so is y, and its term is left out.
    """
    rows, count = y.shape
    for r in range(rows):
        total = np.float64(0)
        product = np.float64(0)
        for i in range(count):
            total += dy[r, i]
            product += np.float64(dy[r, i]) * y[r, i]
        mean = total / count
        d = np.float64(deviation[r])
        factor = 1 / (d + eps) if divides else 1.0
        slope = product / count / d if divides and d > 0 else 0.0
        for i in range(count):
            dx_out[r, i] = (dy[r, i] - mean) * factor - y[r, i] * slope
