"""Inner product with bias and ReLU, and its gradients."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.inner_product import (
    inner_product_backward,
    inner_product_forward,
    mask_by_output,
)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("relu", [False, True])
def test_forward_and_gradients(kind, relu):
    random = np.random.default_rng(5)
    x, w, bias, dy = (
        random.standard_normal(shape).astype(kind) for shape in ((9, 33), (7, 33), (7,), (9, 7))
    )
    y = np.empty((9, 7), kind)
    inner_product_forward(x, w, bias, y, relu=relu)
    wanted = x.astype(np.float64) @ w.T + bias
    wanted = np.maximum(wanted, 0) if relu else wanted
    close = {"rtol": 0, "atol": 300 * np.finfo(kind).eps}
    np.testing.assert_allclose(y, wanted, **close)
    masked = dy.copy()
    if relu:
        mask_by_output(y, masked)
    wanted_dy = np.where(wanted > 0, dy, 0) if relu else dy
    np.testing.assert_array_equal(masked, wanted_dy)
    dx, dw, db = np.empty_like(x), np.ones_like(w), np.ones_like(bias)
    inner_product_backward(x, w, masked, dx, dw, db)
    np.testing.assert_allclose(dx, wanted_dy @ w.astype(np.float64), **close)
    np.testing.assert_allclose(dw, 1 + wanted_dy.T @ x.astype(np.float64), **close)
    np.testing.assert_allclose(db, 1 + wanted_dy.sum(axis=0), **close)
