"""Triplet losses over given rows: distances, what a triplet costs, and the gradient.

Distances and costs are float64 in float32 nets too: the logarithms of the lossless form need it.
A distance is |x - y|^2 (`squared`) or |x - y|. Cost of a triplet with distances near (anchor to
positive) and far (anchor to negative):
    standard   max(near - far + margin, 0)
    lossless   -ln(1 - near / beta + epsilon) - ln(1 - (top - far) / beta + epsilon)
"""

import math

import numpy as np

from ..jit import kernel


@kernel
def row_distance(x, i, y, j, squared):
    """Distance of row i of x (N, D) to row j of y (M, D)."""
    total = np.float64(0)
    for k in range(x.shape[1]):
        d = np.float64(x[i, k]) - np.float64(y[j, k])
        total += d * d
    return total if squared else math.sqrt(total)


@kernel
def pull_of(slope, distance, squared):
    """What x - y is to be multiplied by for `slope` times the gradient of the distance in x.

    2 or 1 / distance; equal rows have no direction, so 0 at distance 0 where that would divide.
    """
    if squared:
        return 2 * slope
    return slope / distance if distance != 0 else 0.0


@kernel
def triplet_cost(near, far, lossless, margin, top, beta, epsilon):
    """Return a triplet's cost and its slopes in near and in far.

    The cost of the lossless form is infinite where a logarithm does not exist. NaN stays NaN.
    """
    if not lossless:
        value = near - far + margin
        return (0.0, 0.0, 0.0) if value <= 0 else (value, 1.0, -1.0)
    inner = 1 - near / beta + epsilon
    outer = 1 - (top - far) / beta + epsilon
    if inner <= 0 or outer <= 0:
        return np.inf, 0.0, 0.0
    return -math.log(inner) - math.log(outer), 1 / (beta * inner), -1 / (beta * outer)


@kernel
def triplet_rows(a, p, n, squared, lossless, margin, top, beta, epsilon, near_out, far_out):
    """Return the sum of the costs of the triplets (a_i, p_i, n_i), rows of (N, D).

    Writes the factors (N,) that a - p and a - n are multiplied by in the gradient of the sum.
    """
    total = 0.0
    for i in range(a.shape[0]):
        near = row_distance(a, i, p, i, squared)
        far = row_distance(a, i, n, i, squared)
        cost, near_slope, far_slope = triplet_cost(near, far, lossless, margin, top, beta, epsilon)
        total += cost
        near_out[i] = pull_of(near_slope, near, squared)
        far_out[i] = pull_of(far_slope, far, squared)
    return total


@kernel
def anchor_gradient(a, p, n, near, far, factor, da_out):
    """da = factor * (near (a - p) + far (a - n)); near, far (N,), the rest (N, D)."""
    for i in range(a.shape[0]):
        to_p = a.dtype.type(factor * near[i])
        to_n = a.dtype.type(factor * far[i])
        for k in range(a.shape[1]):
            da_out[i, k] = to_p * (a[i, k] - p[i, k]) + to_n * (a[i, k] - n[i, k])


@kernel
def partner_gradient(a, x, pull, factor, dx_out):
    """dx = -factor * pull (a - x) for x the positives or the negatives; pull (N,), rest (N, D)."""
    for i in range(a.shape[0]):
        scale = a.dtype.type(factor * pull[i])
        for k in range(a.shape[1]):
            dx_out[i, k] = scale * (x[i, k] - a[i, k])
