"""Element by element: what numpy cannot do in one pass over the arrays.

Unless said otherwise every array is 1-D, of one length; the written one may be one that was read.
"""

import math

import numpy as np

from .jit import kernel

# Above this exp(x) / (exp(x) + 1) is 1; it keeps exp from overflowing.
LARGEST_EXPONENT = 50.0


@kernel
def bnll_forward(x, y_out):
    """y = log(1 + exp(x)), written so that exp never overflows."""
    for i in range(x.size):
        value = x[i]
        rest = math.log1p(math.exp(-abs(value)))
        y_out[i] = value + rest if value > 0 else rest


@kernel
def bnll_backward(x, dy, dx_out):
    """dx = dy * e / (e + 1) with e = exp(min(x, 50))."""
    one = x.dtype.type(1)
    largest = x.dtype.type(LARGEST_EXPONENT)
    for i in range(x.size):
        e = math.exp(min(x[i], largest))
        dx_out[i] = dy[i] * (e / (e + one))


@kernel
def clip_backward(x, dy, low, high, dx_out):
    """dx = dy where low <= x <= high, else 0."""
    least = x.dtype.type(low)
    most = x.dtype.type(high)
    zero = x.dtype.type(0)
    for i in range(x.size):
        dx_out[i] = dy[i] if least <= x[i] and x[i] <= most else zero


@kernel
def elu_forward(x, alpha, y_out):
    """y = x where x > 0, else alpha * (exp(x) - 1)."""
    a = x.dtype.type(alpha)
    for i in range(x.size):
        value = x[i]
        y_out[i] = value if value > 0 else a * math.expm1(value)


@kernel
def elu_backward(x, y, dy, alpha, dx_out):
    """dx = dy where x > 0, else dy * (y + alpha)."""
    a = x.dtype.type(alpha)
    for i in range(x.size):
        dx_out[i] = dy[i] if x[i] > 0 else dy[i] * (y[i] + a)


@kernel
def swish_backward(y, s, dy, beta, dx_out):
    """dx = dy * (beta * y + s * (1 - beta * y)) with s = sigmoid(beta * x)."""
    b = y.dtype.type(beta)
    one = y.dtype.type(1)
    for i in range(y.size):
        inner = b * y[i]
        dx_out[i] = dy[i] * (inner + s[i] * (one - inner))


@kernel
def prelu_forward(x, slope, y_out):
    """y = x where x > 0, else slope * x; x, y (N, C, inner), slope (C,)."""
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            s = slope[c]
            for i in range(x.shape[2]):
                value = x[n, c, i]
                y_out[n, c, i] = value if value > 0 else s * value


@kernel
def prelu_forward_keeping(x, slope, x_out, y_out):
    """The same, with a copy of x in x_out first; y may be x."""
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            s = slope[c]
            for i in range(x.shape[2]):
                value = x[n, c, i]
                x_out[n, c, i] = value
                y_out[n, c, i] = value if value > 0 else s * value


@kernel
def prelu_backward(x, slope, dy, dx_out):
    """dx = dy where x > 0, else slope * dy; shapes as in `prelu_forward`."""
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            s = slope[c]
            for i in range(x.shape[2]):
                gradient = dy[n, c, i]
                dx_out[n, c, i] = gradient if x[n, c, i] > 0 else s * gradient


@kernel
def prelu_slope_backward(x, dy, dslope):
    """Add to dslope[c] the sum of dy * x over all x <= 0 of channel c."""
    zero = np.float64(0)
    for c in range(x.shape[1]):
        total = np.float64(0)
        for n in range(x.shape[0]):
            for i in range(x.shape[2]):
                product = np.float64(dy[n, c, i]) * x[n, c, i]
                total += zero if x[n, c, i] > 0 else product
        dslope[c] += total
