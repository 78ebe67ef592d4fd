"""Floor 0. Bias gradient of a convolution: the gradient of its pooled output summed per channel."""

from __future__ import annotations

from .jit import kernel


@kernel
def bias_gradient(dy, db):
    """db (K,) += sum of dy (N, K, P, Q) over images and windows, image by image."""
    for n in range(dy.shape[0]):
        for k in range(dy.shape[1]):
            total = dy.dtype.type(0)
            for p in range(dy.shape[2]):
                for q in range(dy.shape[3]):
                    total += dy[n, k, p, q]
            db[k] += total
