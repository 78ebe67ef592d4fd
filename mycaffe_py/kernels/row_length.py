"""Rows, or positions of pictures, scaled to a length: a root of squares or a sum of amounts.

Rows x, y (N, D), length (N,). Sums are taken in float64.
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


@kernel
def _add_sizes(row, amounts, across, total):
    """Add the squares of a row, or its amounts, to `total`, all to the first with `across`."""
    whole = np.float64(0)
    for i in range(len(row)):
        value = np.float64(row[i])
        size = abs(value) if amounts else value * value
        if across:
            whole += size
        else:
            total[i] += size
    if across:
        total[0] += whole


@kernel
def places_to_length(x, scale, across, amounts, eps, length_out, y_out):
    """y = scale * x / length, length = sqrt(sum x^2 + eps), or sum |x| + eps with `amounts`.

    x, y (N, C, inner), summed over C, or with `across` over C and inner; scale (C,) or (1,) for
    all channels; length (N, inner), or (N, 1) with `across`.
    """
    zero = x.dtype.type(0)
    channels = x.shape[1]
    for n in range(x.shape[0]):
        total = np.zeros(length_out.shape[1])
        for c in range(channels):
            _add_sizes(x[n, c], amounts, across, total)
        for i in range(len(total)):
            size = total[i] + eps
            length_out[n, i] = size if amounts else math.sqrt(size)
        for c in range(channels):
            s = scale[c if len(scale) > 1 else 0]
            for i in range(x.shape[2]):
                length = length_out[n, 0 if across else i]
                y_out[n, c, i] = x[n, c, i] / length * s if length != 0 else zero


@kernel
def places_to_length_backward(x, scale, length, dy, dlength, across, amounts, dx_out):
    """dx = (s dy - a (u . s dy)) / length + a dlength, u = x / length, a = u or sign(x).

    Shapes as in `places_to_length`; the product u . s dy is summed as length was. dlength has
    no rows where the lengths have no gradient of their own. Where length is 0, dx is 0.
    """
    channels, inner = x.shape[1:]
    for n in range(x.shape[0]):
        along = np.zeros(length.shape[1])
        for c in range(channels):
            s = np.float64(scale[c if len(scale) > 1 else 0])
            for i in range(inner):
                along[0 if across else i] += s * dy[n, c, i] * x[n, c, i]
        for c in range(channels):
            s = np.float64(scale[c if len(scale) > 1 else 0])
            for i in range(inner):
                place = 0 if across else i
                r = np.float64(length[n, place])
                value = np.float64(x[n, c, i])
                unit = (np.sign(value) if amounts else value / r) if r != 0 else 0.0
                slope = (s * dy[n, c, i] - unit * along[place] / r) / r if r != 0 else 0.0
                if len(dlength) > 0:
                    slope += unit * dlength[n, place]
                dx_out[n, c, i] = slope
