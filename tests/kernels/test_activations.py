"""Activation kernels against their formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels import activations as kernels
from tests.reference import activations as reference
from tests.reference import detection


@pytest.fixture(params=[np.float32, np.float64])
def x(request: pytest.FixtureRequest) -> Any:
    return np.random.default_rng(0).normal(size=50).astype(request.param)


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_relu_in_place(x: Any, slope: float) -> None:
    wanted = reference.relu(x, slope)
    kernels.relu_forward(x, slope, x)
    np.testing.assert_allclose(x, wanted, rtol=1e-6)


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_relu6_ends_at_6(x: Any, slope: float) -> None:
    wide = x * 8
    y, dx, dy = np.empty_like(x), np.empty_like(x), x[::-1].copy()
    kernels.relu6_forward(wide, slope, y)
    np.testing.assert_allclose(y, detection.relu6(wide, slope), rtol=1e-6)
    assert (y == 6).any()
    kernels.relu6_backward(y, dy, slope, dx)
    wanted = np.where(wide > 6, 0, np.where(wide > 0, dy, slope * dy))
    np.testing.assert_allclose(dx, wanted, rtol=1e-6)
    kernels.relu6_forward(np.full_like(x, np.nan), slope, y)
    assert np.isnan(y).all()


def test_relu_shows_nan() -> None:
    x = np.array([np.nan, -1.0])
    kernels.relu_forward(x, 0.0, x)
    assert np.isnan(x[0])


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_relu_gradient(x: Any, slope: float) -> None:
    dy = x[::-1].copy()
    dx = np.full_like(x, np.nan)
    kernels.relu_backward(x, dy, slope, dx)
    np.testing.assert_allclose(dx, np.where(x > 0, dy, slope * dy), rtol=1e-6)


def test_sigmoid_and_tanh_gradients(x: Any) -> None:
    dx = np.full_like(x, np.nan)
    wide = x.astype(float)
    kernels.sigmoid_backward(reference.sigmoid(wide).astype(x.dtype), x, dx)
    wanted = (reference.sigmoid(wide + 1e-6) - reference.sigmoid(wide - 1e-6)) / 2e-6 * wide
    np.testing.assert_allclose(dx, wanted, rtol=1e-4, atol=1e-7)
    kernels.tanh_backward(np.tanh(x), x, dx)
    wanted = (np.tanh(wide + 1e-6) - np.tanh(wide - 1e-6)) / 2e-6 * wide
    np.testing.assert_allclose(dx, wanted, rtol=1e-4, atol=1e-6)


def test_keep_and_scale_hides_what_is_dropped(x: Any) -> None:
    kept = np.arange(x.size) % 3 != 0
    wanted = reference.dropout(x, kept, 0.4)
    x[0] = np.inf
    kernels.keep_and_scale(x, kept, 1 / 0.6, x)
    np.testing.assert_allclose(x, wanted, rtol=1e-6)
