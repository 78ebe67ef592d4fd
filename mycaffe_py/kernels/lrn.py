"""Local response normalisation, across channels and within each channel.

With S the sum of x^2 over the window around a position, clipped at the border:
scale = k + strength * S, y = x * scale^-beta, and backwards, since a window holds a position
exactly if that position's window holds the other one,
dx = dy * scale^-beta - 2 * strength * beta * x * (sum over the window of dy * x * scale^(-beta-1)).
"""

import math

import numpy as np
from numba import prange

from .jit import kernel, parallel_kernel

# Below this many elements waking other threads costs more than they save.
WORTH_SHARING = 1 << 17
# Pixels of one channel that are worked on at a time: all channels of them stay in the cache.
PIXELS = 128


@kernel
def inverse_powers(scale, beta, power_out):
    """scale^-beta of a 1-D array; 3/4, which every known net uses, needs two roots only."""
    one = scale.dtype.type(1)
    if beta == 0.75:
        for i in range(scale.size):
            root = math.sqrt(scale[i])
            power_out[i] = one / (root * math.sqrt(root))
        return
    exponent = scale.dtype.type(-beta)
    for i in range(scale.size):
        power_out[i] = scale[i] ** exponent


@kernel
def _add_row(row, sum_out):
    for i in range(sum_out.size):
        sum_out[i] += row[i]


@kernel
def _window_sums(rows, half, width, sum_out):
    """sum_out[c] = sum of rows[c - half ... c + half], of which `width` elements count."""
    count = rows.shape[0]
    for c in range(count):
        sum_out[c, :] = 0
        for other in range(max(0, c - half), min(count, c + half + 1)):
            _add_row(rows[other, :width], sum_out[c, :width])


@kernel
def _box_sums(plane, half, scratch, sum_out):
    """sum_out = sums of `plane` over squares of side 2 * half + 1; all are (H, W)."""
    height, width = plane.shape
    for h in range(height):
        for w in range(width):
            total = plane.dtype.type(0)
            for other in range(max(0, w - half), min(width, w + half + 1)):
                total += plane[h, other]
            scratch[h, w] = total
    _window_sums(scratch, half, width, sum_out)


@kernel
def _scales(sums, k, strength, scale_out):
    for i in range(sums.size):
        scale_out[i] = k + strength * sums[i]


@kernel
def _squares(x, square_out):
    for i in range(x.size):
        square_out[i] = x[i] * x[i]


@kernel
def _products(x, factor, y_out):
    for i in range(x.size):
        y_out[i] = x[i] * factor[i]


@kernel
def _ratios(x, dy, scale, power, ratio_out):
    for i in range(x.size):
        ratio_out[i] = dy[i] * x[i] * power[i] / scale[i]


@kernel
def _gradients(x, dy, power, sums, slope, dx_out):
    for i in range(x.size):
        dx_out[i] = dy[i] * power[i] - slope * x[i] * sums[i]


@kernel
def _across_forward_item(x, half, k, strength, beta, scale_out, y_out):
    """`across_forward` of one item, (C, pixels)."""
    channels, pixels = x.shape
    square = np.empty((channels, PIXELS), x.dtype)
    sums = np.empty((channels, PIXELS), x.dtype)
    for start in range(0, pixels, PIXELS):
        stop = min(start + PIXELS, pixels)
        width = stop - start
        for c in range(channels):
            _squares(x[c, start:stop], square[c])
        _window_sums(square, half, width, sums)
        for c in range(channels):
            _scales(sums[c, :width], k, strength, scale_out[c, start:stop])
            inverse_powers(scale_out[c, start:stop], beta, square[c, :width])
            _products(x[c, start:stop], square[c], y_out[c, start:stop])


@kernel
def _across_backward_item(x, scale, dy, half, slope, beta, dx_out):
    """`across_backward` of one item, (C, pixels)."""
    channels, pixels = x.shape
    power = np.empty((channels, PIXELS), x.dtype)
    ratio = np.empty((channels, PIXELS), x.dtype)
    sums = np.empty((channels, PIXELS), x.dtype)
    for start in range(0, pixels, PIXELS):
        stop = min(start + PIXELS, pixels)
        for c in range(channels):
            row, gradient, one = x[c, start:stop], dy[c, start:stop], scale[c, start:stop]
            inverse_powers(one, beta, power[c, : stop - start])
            _ratios(row, gradient, one, power[c], ratio[c])
        _window_sums(ratio, half, stop - start, sums)
        for c in range(channels):
            row, gradient = x[c, start:stop], dy[c, start:stop]
            _gradients(row, gradient, power[c], sums[c], slope, dx_out[c, start:stop])


@parallel_kernel
def across_forward(x, half, k, strength, beta, scale_out, y_out):
    """Windows of 2 * half + 1 channels; all arrays (N, C, pixels)."""
    base = x.dtype.type(k)
    factor = x.dtype.type(strength)
    if x.size < WORTH_SHARING:
        for n in range(x.shape[0]):
            _across_forward_item(x[n], half, base, factor, beta, scale_out[n], y_out[n])
        return
    for n in prange(x.shape[0]):
        _across_forward_item(x[n], half, base, factor, beta, scale_out[n], y_out[n])


@parallel_kernel
def across_backward(x, scale, dy, half, strength, beta, dx_out):
    """Gradient of `across_forward`; dx may not be dy."""
    slope = x.dtype.type(2 * strength * beta)
    if x.size < WORTH_SHARING:
        for n in range(x.shape[0]):
            _across_backward_item(x[n], scale[n], dy[n], half, slope, beta, dx_out[n])
        return
    for n in prange(x.shape[0]):
        _across_backward_item(x[n], scale[n], dy[n], half, slope, beta, dx_out[n])


@kernel
def within_forward(x, half, k, strength, beta, scale_out, y_out):
    """Windows of (2 * half + 1)^2 pixels; all arrays (planes, H, W)."""
    base = x.dtype.type(k)
    factor = x.dtype.type(strength)
    scratch = np.empty_like(x[0])
    sums = np.empty_like(x[0])
    for p in range(x.shape[0]):
        plane = x[p].reshape(-1)
        power = y_out[p].reshape(-1)
        _squares(plane, power)
        _box_sums(y_out[p], half, scratch, sums)
        _scales(sums.reshape(-1), base, factor, scale_out[p].reshape(-1))
        inverse_powers(scale_out[p].reshape(-1), beta, power)
        _products(plane, power, power)


@kernel
def within_backward(x, scale, dy, half, strength, beta, dx_out):
    """Gradient of `within_forward`; dx may not be dy."""
    slope = x.dtype.type(2 * strength * beta)
    scratch = np.empty_like(x[0])
    sums = np.empty_like(x[0])
    power = np.empty(scratch.size, x.dtype)
    for p in range(x.shape[0]):
        plane = x[p].reshape(-1)
        gradient = dy[p].reshape(-1)
        one = scale[p].reshape(-1)
        inverse_powers(one, beta, power)
        _ratios(plane, gradient, one, power, dx_out[p].reshape(-1))
        _box_sums(dx_out[p], half, scratch, sums)
        _gradients(plane, gradient, power, sums.reshape(-1), slope, dx_out[p].reshape(-1))
