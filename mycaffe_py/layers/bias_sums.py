"""The gradient of a bias: the sum of the gradients of its results, for each twin on its own.

ContrastiveLoss sends two branches gradients of opposite sign, so the bias at the end of both has a
gradient of 0. A sum over the rows of both together would leave a rounding error. Adam and AdaGrad
divide a gradient by its own size, so they would make whole steps of that error.
"""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import Array


def add_bias_sums(dy: Array, twins: int, db: Array) -> None:
    """db (K,) += for each of `twins` equal parts of dy (N, K, ...) its sum over all axes but K.

    The last part comes first, as in a net that runs its branches one after the other. Equal parts
    of opposite sign add up to 0. The sums of twins are taken in double precision, so that they do
    even where a max pooling has put the same values in other places.
    """
    rows = len(dy) // twins
    precision = np.float64 if twins > 1 else dy.dtype
    for part in reversed(range(twins)):
        # Rows first: numpy adds long rows several times as fast as it sums short ones.
        total = dy[part * rows : (part + 1) * rows].sum(axis=0, dtype=precision)
        if dy.ndim > 2:
            total = total.reshape(len(db), -1).sum(axis=1)
        db += total.astype(db.dtype)
