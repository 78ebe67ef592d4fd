"""Element-wise kernels against their textbook curves and differences of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels import elementwise as kernels
from tests.reference import elementwise as reference


@pytest.fixture(params=[np.float32, np.float64])
def x(request: pytest.FixtureRequest) -> Any:
    return np.random.default_rng(0).normal(scale=3, size=60).astype(request.param)


def _slope(curve: Callable[[float], float], x: Any) -> Any:
    return np.array([(curve(float(v) + 1e-6) - curve(float(v) - 1e-6)) / 2e-6 for v in x])


def test_bnll(x: Any) -> None:
    y = np.full_like(x, np.nan)
    kernels.bnll_forward(x, y)
    np.testing.assert_allclose(y, [reference.bnll(float(v)) for v in x], rtol=1e-5)
    dx = np.full_like(x, np.nan)
    kernels.bnll_backward(x, x[::-1].copy(), dx)
    np.testing.assert_allclose(dx, _slope(reference.bnll, x) * x[::-1], rtol=1e-4, atol=1e-6)


def test_bnll_neither_overflows_nor_vanishes_too_early() -> None:
    x = np.array([-80.0, 90.0, 800.0], np.float32)
    y = np.empty_like(x)
    kernels.bnll_forward(x, y)
    np.testing.assert_allclose(y, [np.exp(-80.0), 90, 800], rtol=1e-5)
    kernels.bnll_backward(x, np.ones_like(x), y)
    np.testing.assert_allclose(y, [np.exp(-80.0), 1, 1], rtol=1e-5)


def test_clip_gradient_passes_at_the_ends() -> None:
    x = np.array([-1.0, -0.5, 0.0, 0.8, 0.9])
    dx = np.full_like(x, np.nan)
    kernels.clip_backward(x, np.arange(1.0, 6.0), -0.5, 0.8, dx)
    assert dx.tolist() == [0, 2, 3, 4, 0]


def test_elu(x: Any) -> None:
    y = np.full_like(x, np.nan)
    kernels.elu_forward(x, 0.7, y)
    np.testing.assert_allclose(y, [reference.elu(float(v), 0.7) for v in x], rtol=1e-5)
    wanted = _slope(lambda v: reference.elu(v, 0.7), x) * x[::-1]
    dx = x[::-1].copy()
    kernels.elu_backward(x, y, dx, 0.7, dx)
    np.testing.assert_allclose(dx, wanted, rtol=1e-4, atol=1e-6)


def test_swish_gradient(x: Any) -> None:
    y = np.array([reference.swish(float(v), 1.5) for v in x], x.dtype)
    s = (1 / (1 + np.exp(-1.5 * x.astype(float)))).astype(x.dtype)
    wanted = _slope(lambda v: reference.swish(v, 1.5), x) * x[::-1]
    dx = x[::-1].copy()
    kernels.swish_backward(y, s, dx, 1.5, dx)
    np.testing.assert_allclose(dx, wanted, rtol=1e-4, atol=1e-5)


def test_prelu(x: Any) -> None:
    blocks = x.reshape(5, 3, 4)
    slopes = np.array([0.5, -1.0, 0.0], x.dtype)
    wanted = np.array(
        [reference.prelu(float(blocks[at]), float(slopes[at[1]])) for at in np.ndindex(5, 3, 4)]
    )
    y = np.full_like(blocks, np.nan)
    kernels.prelu_forward(blocks, slopes, y)
    np.testing.assert_allclose(y.reshape(-1), wanted, rtol=1e-6)
    dy = x[::-1].reshape(5, 3, 4).copy()
    dslope = np.ones_like(slopes)
    kernels.prelu_slope_backward(blocks, dy, dslope)
    summed = np.where(blocks <= 0, blocks.astype(float) * dy, 0).sum(axis=(0, 2))
    np.testing.assert_allclose(dslope, 1 + summed, rtol=1e-5)
    dx = np.full_like(blocks, np.nan)
    kernels.prelu_backward(blocks, slopes, dy, dx)
    np.testing.assert_allclose(dx, np.where(blocks > 0, dy, slopes[:, None] * dy), rtol=1e-6)
