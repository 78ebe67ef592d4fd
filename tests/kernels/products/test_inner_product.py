"""Bias and ReLU behind a matrix product, and the gradient of the ReLU."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.products.inner_product import add_bias_and_rectify, mask_by_output


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_forward_and_gradients(kind: type) -> None:
    random = np.random.default_rng(5)
    product, bias, dy = (random.standard_normal(s).astype(kind) for s in ((9, 7), (7,), (9, 7)))
    product[3, 2] = np.nan
    y = product.copy()
    add_bias_and_rectify(bias, y)
    np.testing.assert_array_equal(y, np.maximum(product + bias, 0))
    masked = dy.copy()
    mask_by_output(y, masked)
    np.testing.assert_array_equal(masked, np.where(y <= 0, 0, dy))
