"""The gradient of a bias: the sum of the gradients of its results, for each twin on its own.

ContrastiveLoss sends two branches gradients of opposite sign, so the bias at the end of both has a
gradient of 0. A sum over the rows of both together would leave a rounding error. Adam and AdaGrad
divide a gradient by its own size, so they would make whole steps of that error.
"""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.kernels.convolution.channel_sums import add_channel_sums
from mycaffe_py.layers.base import Array


def add_bias_sums(dy: Array, twins: int, db: Array) -> None:
    """db (K,) += for each of `twins` equal parts of dy (N, K, ...) its sum over all axes but K.

    The last part comes first, as in a net that runs its branches one after the other. Equal parts
    of opposite sign add up to 0. Sums are taken in double precision, so that those of twins do even
    where a max pooling has put the same values in other places.
    """
    if dy.ndim > 2:
        planes = dy.reshape(*dy.shape[:2], math.prod(dy.shape[2:]))
        add_channel_sums(planes[:0], twins, planes, db)
        return
    rows = len(dy) // twins
    precision = np.float64 if twins > 1 else dy.dtype
    for part in reversed(range(twins)):
        total = dy[part * rows : (part + 1) * rows].sum(axis=0, dtype=precision)
        db += total.astype(db.dtype)


def cut_and_add_bias_sums(y: Array, twins: int, dy_out: Array, db: Array | None) -> None:
    """The gradient dy (N, K, ...) of a ReLU's results y becomes that of its inputs, in place.

    Then as `add_bias_sums`, where there is a bias.
    """
    shape = (*dy_out.shape[:2], math.prod(dy_out.shape[2:]))
    sums = dy_out.reshape(-1)[:0] if db is None else db
    add_channel_sums(y.reshape(shape), twins, dy_out.reshape(shape), sums)
