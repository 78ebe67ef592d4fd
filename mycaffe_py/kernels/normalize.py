"""Means and deviations: per channel over a batch (BatchNorm), per row (MVN).

BatchNorm sees its blob as x (N, C, inner), MVN as x (R, D). What stands behind it, a factor and a
shift of each channel and a ReLU, is done in the same pass. Sums are taken in float64 and always
in the same order: threads share channels or rows, never one sum.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import prange

from .inlined import inlined
from .jit import kernel, parallel_kernel
from .vectors.lanes import where_larger
from .vectors.masked import load_first, store_first
from .vectors.vector import fma, maximum, splat, width
from .vectors.vector_math import multiply, subtract

# Below this many elements waking other threads costs more than they save.
WORTH_SHARING = 1 << 19


@kernel
def _moments(x, c):
    """Mean and mean squared deviation of channel c, in one pass.

    Deviations are those from the channel's first value, which is never so far from the mean that
    float64 would lose digits of float32: its square is at most the count times the variance.
    """
    rows, _, inner = x.shape
    pivot = np.float64(x[0, c, 0])
    total = np.float64(0)
    squares = np.float64(0)
    for n in range(rows):
        for i in range(inner):
            away = x[n, c, i] - pivot
            total += away
            squares += away * away
    mean = total / (rows * inner)
    variance = squares / (rows * inner) - mean * mean
    return pivot + mean, 0.0 if variance < 0 else variance


class NormEnd(NamedTuple):
    """What happens to normalised values u at last: y = scale * u + shift, rectified if `relu`.

    scale, shift: (C,), or both empty where the values stay as they are.
    """

    scale: Any
    shift: Any
    relu: bool


def no_end(like: Any) -> NormEnd:
    """The end of a norm behind which nothing is done; `like` has its dtype."""
    empty = np.empty(0, like.dtype)
    return NormEnd(empty, empty, False)


@kernel
def _norm_channel(x, c, eps, end, mean_out, variance_out, spread_out, kept_out, y_out):
    """`channel_norm_forward` of channel c."""
    mean, variance = _moments(x, c)
    spread = math.sqrt(variance + eps)
    mean_out[c] = mean
    variance_out[c] = variance
    spread_out[c] = spread
    middle = x.dtype.type(mean)
    factor = x.dtype.type(1 / spread)
    ends = end.scale.size > 0
    scale = end.scale[c] if ends else factor
    shift = end.shift[c] if ends else factor
    flat, kept, y = x.reshape(-1), kept_out.reshape(-1), y_out.reshape(-1)
    inner = x.shape[2]
    for n in range(x.shape[0]):
        start = (n * x.shape[1] + c) * inner
        _norm_line(flat, start, inner, middle, factor, ends, scale, shift, end.relu, kept, y)


@inlined
def _norm_line(x, start, count, middle, factor, ends, scale, shift, relu, kept_out, y_out):
    """`count` values side by side. In vectors: numba would not make them, as y may be x."""
    size = width(x)
    for i in range(start, start + count, size):
        inside = min(size, start + count - i)
        away = subtract(load_first(x, i, inside), splat(x, middle))
        value = multiply(away, splat(x, factor))
        store_first(kept_out, i, value, inside)
        if ends:
            value = fma(value, splat(x, scale), splat(x, shift))
        if relu:
            value = maximum(value, splat(x, 0))  # NaN stays NaN
        store_first(y_out, i, value, inside)


@kernel
def _gradient_sums(kept, dy, c, scale, shift, relu):
    """Sums of g and of g * u over channel c; g is dy, or 0 where the ReLU cut off."""
    total = np.float64(0)
    product = np.float64(0)
    zero = kept.dtype.type(0)
    for n in range(kept.shape[0]):
        for i in range(kept.shape[2]):
            gradient = dy[n, c, i]
            if relu:
                # Not read from y, over which a layer behind may have written.
                gradient = gradient if kept[n, c, i] * scale + shift > zero else zero
            total += np.float64(gradient)
            product += np.float64(gradient) * kept[n, c, i]
    return total, product


@inlined
def _gradient_line(kept, dy, start, count, scale, shift, relu, mean, slope, factor, dx_out):
    """`count` values side by side, in vectors as dx may be dy."""
    size = width(kept)
    for i in range(start, start + count, size):
        inside = min(size, start + count - i)
        value = load_first(kept, i, inside)
        gradient = load_first(dy, i, inside)
        if relu:
            zero = splat(kept, 0)
            made = fma(value, splat(kept, scale), splat(kept, shift))
            gradient = where_larger(zero, made, zero, gradient)
        away = subtract(gradient, splat(kept, mean))
        away = fma(value, splat(kept, -slope), away)
        store_first(dx_out, i, multiply(away, splat(kept, factor)), inside)


@kernel
def _norm_channel_backward(kept, dy, c, spread, end, dscale_out, dshift_out, dx_out):
    """`channel_norm_backward` of channel c."""
    rows, channels, inner = kept.shape
    one = kept.dtype.type(1)
    ends = end.scale.size > 0
    scale = end.scale[c] if ends else one
    shift = end.shift[c] if ends else one
    total, product = _gradient_sums(kept, dy, c, scale, shift, end.relu)
    if dscale_out.size > 0:
        dscale_out[c] += product
    if dshift_out.size > 0:
        dshift_out[c] += total
    mean = kept.dtype.type(total / (rows * inner))
    slope = kept.dtype.type(product / (rows * inner))
    factor = one / spread[c]
    if ends:
        factor *= scale
    flat, dys, dxs = kept.reshape(-1), dy.reshape(-1), dx_out.reshape(-1)
    for n in range(rows):
        start = (n * channels + c) * inner
        _gradient_line(flat, dys, start, inner, scale, shift, end.relu, mean, slope, factor, dxs)


@parallel_kernel
def channel_norm_forward(x, eps, end, mean_out, variance_out, spread_out, kept_out, y_out):
    """y = end of u = (x - mean) / spread with spread = sqrt(variance + eps), over N and inner.

    end: NormEnd. mean, variance (of all m = N * inner values, divided by m) and spread are (C,);
    kept is u. y may be x.
    """
    if x.size < WORTH_SHARING:
        for c in range(x.shape[1]):
            _norm_channel(x, c, eps, end, mean_out, variance_out, spread_out, kept_out, y_out)
        return
    for c in prange(x.shape[1]):
        _norm_channel(x, c, eps, end, mean_out, variance_out, spread_out, kept_out, y_out)


@parallel_kernel
def channel_norm_backward(kept, dy, spread, end, dscale_out, dshift_out, dx_out):
    """dx = scale * (g - mean(g) - u * mean(g * u)) / spread, means over N and inner; dx may be dy.

    g is dy, or 0 where the ReLU of `end` cut off, which needs a scale; kept is u. dscale_out and
    dshift_out (C,), or empty, get the sums of g * u and of g added.
    """
    if kept.size < WORTH_SHARING:
        for c in range(kept.shape[1]):
            _norm_channel_backward(kept, dy, c, spread, end, dscale_out, dshift_out, dx_out)
        return
    for c in prange(kept.shape[1]):
        _norm_channel_backward(kept, dy, c, spread, end, dscale_out, dshift_out, dx_out)


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
