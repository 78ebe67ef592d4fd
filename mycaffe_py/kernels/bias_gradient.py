"""Floor 0. Bias gradient of a convolution: the gradient of its pooled output summed per channel."""

from __future__ import annotations

from .jit import kernel


@kernel
def _sum(dy, db):
    for n in range(dy.shape[0]):
        for k in range(dy.shape[1]):
            total = dy.dtype.type(0)
            for window in range(dy.shape[2]):
                total += dy[n, k, window]
            db[k] += total


def bias_gradient(dy, db):
    """db (K,) += sum of dy (N, K, P, Q) over images and windows, image by image."""
    _sum(dy.reshape(dy.shape[0], dy.shape[1], -1), db)
