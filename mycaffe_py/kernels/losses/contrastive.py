"""Contrastive loss over N pairs, forward and gradient; and sums of squared differences."""

import math

import numpy as np

from ..jit import kernel

# Caffe adds it to the distance it divides by, so that equal rows have a gradient of 0, not NaN.
DISTANCE_FLOOR = 1e-4


@kernel
def contrastive_forward(a, b, similar, margin, scale, manhattan, linear, distance_out, match_out):
    """Return the sum over pairs of their terms (not yet divided by 2N).

    a, b (N, D); similar (N,) 0 or 1. D_i = sum of squared (or, manhattan, absolute) differences.
    similar pairs: scale * D_i. Others: max(margin - sqrt(D_i), 0)^2, or max(margin - D_i, 0) when
    `linear`. Writes D_i, and 1 in match (N,) where a pair lies on its side of the margin.
    """
    total = 0.0
    for i in range(a.shape[0]):
        distance = a.dtype.type(0)
        for k in range(a.shape[1]):
            d = a[i, k] - b[i, k]
            distance += abs(d) if manhattan else d * d
        distance_out[i] = distance
        scaled = scale * distance if similar[i] else np.float64(distance)
        gap = margin - (scaled if linear else math.sqrt(scaled))
        if similar[i]:
            total += scaled
            match_out[i] = 1 if gap >= 0 else 0
        else:
            match_out[i] = 1 if gap < 0 else 0
            if gap < 0:
                gap = 0.0
            total += gap if linear else gap * gap
    return total


@kernel
def contrastive_backward(a, b, similar, distance, margin, scale, manhattan, linear, q, da_out):
    """da = q times half the gradient of contrastive_forward's sum; with -q it is db.

    `distance` (N,) is what forward wrote; q is the loss weight divided by N.
    """
    for i in range(a.shape[0]):
        root = math.sqrt(distance[i])
        gap = margin - (distance[i] if linear else root)
        if similar[i]:
            slope = q * scale
        elif gap <= 0:
            slope = 0.0
        elif linear:
            slope = -q
        else:
            slope = -q * gap / (root + DISTANCE_FLOOR)
        for k in range(a.shape[1]):
            d = a[i, k] - b[i, k]
            if manhattan:
                d = (0.5 if d > 0 else -0.5) if d != 0 else 0.0
            da_out[i, k] = slope * d


@kernel
def sum_of_squared_differences(a, b):
    """Return the sum of (a - b)^2 over 1-D arrays, added up in float64."""
    total = 0.0
    for i in range(a.size):
        d = np.float64(a[i] - b[i])
        total += d * d
    return total


@kernel
def scaled_difference(a, b, factor, d_out):
    """d = factor * (a - b) over 1-D arrays."""
    f = a.dtype.type(factor)
    for i in range(a.size):
        d_out[i] = f * (a[i] - b[i])
