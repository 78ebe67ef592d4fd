"""Rows and the centres of their classes. x (M, K), labels (M,), centers (L, K)."""

import numpy as np

from ..jit import kernel


@kernel
def distances_to_centers(x, labels, centers):
    """Sum of the squared distances of all rows to their centres."""
    total = 0.0
    for m in range(x.shape[0]):
        for k in range(x.shape[1]):
            d = np.float64(x[m, k]) - centers[labels[m], k]
            total += d * d
    return total


@kernel
def toward_centers(x, labels, centers, factor, dx_out):
    """dx (M, K) = factor * (x - the row's centre)."""
    for m in range(x.shape[0]):
        for k in range(x.shape[1]):
            dx_out[m, k] = factor * (x[m, k] - centers[labels[m], k])


@kernel
def move_centers(x, labels, centers, share, counts_out, dcenters_out):
    """dc_j += share * sum over its rows of (c_j - x) / (1 + count_j); counts_out (L,)."""
    counts_out[:] = 0
    for m in range(x.shape[0]):
        counts_out[labels[m]] += 1
    for m in range(x.shape[0]):
        label = labels[m]
        factor = x.dtype.type(share / (1 + counts_out[label]))
        for k in range(x.shape[1]):
            dcenters_out[label, k] += factor * (centers[label, k] - x[m, k])
