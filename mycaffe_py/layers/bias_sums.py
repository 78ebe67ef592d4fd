"""Floor 3. The gradient of a bias: the sum of what comes back, for each twin on its own.

ContrastiveLoss sends two branches gradients of opposite sign, so the bias that ends both gets none.
Summed over the rows of both in one go, rounding would be left, which Adam and AdaGrad, who divide
by its own size, would make steps of.
"""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import Array


def add_bias_sums(dy: Array, twins: int, db: Array) -> None:
    """db (K,) += for each of `twins` equal parts of dy (N, K, ...) its sum over all axes but K.

    The last part first, as in a net that runs its branches one after the other. Equal parts of
    opposite sign leave nothing; sums of twins are taken in double precision, so that this holds
    where a max pooling has put the same values in other places.
    """
    rows = len(dy) // twins
    precision = np.float64 if twins > 1 else dy.dtype
    for part in reversed(range(twins)):
        # Rows first: numpy adds long rows several times as fast as it sums short ones.
        total = dy[part * rows : (part + 1) * rows].sum(axis=0, dtype=precision)
        if dy.ndim > 2:
            total = total.reshape(len(db), -1).sum(axis=1)
        db += total.astype(db.dtype)
