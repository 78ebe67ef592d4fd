"""Pooling kernels against their definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels import pooling as kernels
from mycaffe_py.kernels.max_values import max_pool_values
from mycaffe_py.layers.vision.sliding_window import SlidingWindow, pooled
from tests.reference.pooling import pool

SIZES = (7, 10)
WINDOWS = [
    SlidingWindow((2, 2), (2, 2), (0, 0), (1, 1)),
    SlidingWindow((3, 3), (2, 2), (1, 1), (1, 1)),
    SlidingWindow((3, 2), (1, 3), (2, 1), (1, 1)),
    SlidingWindow((7, 10), (1, 1), (0, 0), (1, 1)),
    SlidingWindow((1, 1), (3, 4), (0, 0), (1, 1)),
]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("ceil", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_maximum_and_mean(window: SlidingWindow, ceil: bool, dtype: Any) -> None:
    """Few different values, so that there are ties."""
    x = np.random.default_rng(0).integers(-3, 3, size=(2, 3, *SIZES)).astype(dtype)
    first, second = pooled(window, SIZES, ceil)
    options: Any = (window.kernel, window.stride, window.pad)
    largest, places, mean = pool(x, *options, (first, second))
    y = np.full(largest.shape, np.nan, dtype)
    mask = np.full(largest.shape, -1, np.int32)
    kernels.max_pool(x, *options, y, mask)
    np.testing.assert_array_equal(y, largest)
    np.testing.assert_array_equal(mask, places)
    y.fill(np.nan)
    max_pool_values(x, *options, y)
    np.testing.assert_array_equal(y, largest)
    y.fill(np.nan)
    kernels.mean_pool(x, *options, y)
    np.testing.assert_allclose(y, mean, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("pad", [0, 1])
@pytest.mark.parametrize("size", [(5, 9), (6, 37), (7, 75)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_windows_side_by_side(size: Any, pad: int, stride: int, dtype: Any) -> None:
    """Rows longer than a vector; ties and NaN among them."""
    x = np.random.default_rng(0).integers(-3, 3, size=(1, 2, *size)).astype(dtype)
    x[0, 1, 3, 5] = np.nan
    window = SlidingWindow((3, 3), (stride, stride), (pad, pad), (1, 1))
    first, second = pooled(window, size, True)
    options: Any = (window.kernel, window.stride, window.pad)
    largest, places, _ = pool(x[:, :1], *options, (first, second))
    y = np.full((1, 2, first, second), -9, dtype)
    mask = np.full(y.shape, -1, np.int32)
    kernels.max_pool(x, *options, y, mask)
    np.testing.assert_array_equal(y[:, :1], largest)
    np.testing.assert_array_equal(mask[:, :1], places)
    seen = mask[0, 1] == 3 * size[1] + 5
    assert seen.any()
    np.testing.assert_array_equal(np.isnan(y[0, 1]), seen)


@pytest.mark.parametrize("window", WINDOWS)
def test_gradients_are_transposes(window: SlidingWindow) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 3, *SIZES))
    options: Any = (window.kernel, window.stride, window.pad)
    y = np.empty((2, 3, *pooled(window, SIZES, True)))
    mask = np.empty(y.shape, np.int32)
    dy = random.normal(size=y.shape)
    dx = np.full_like(x, np.nan)
    kernels.max_pool(x, *options, y, mask)
    kernels.max_pool_backward(dy, mask, dx)
    assert np.vdot(x, dx) == pytest.approx(np.vdot(y, dy))
    dx.fill(np.nan)
    kernels.mean_pool(x, *options, y)
    kernels.mean_pool_backward(dy, *options, dx)
    assert np.vdot(x, dx) == pytest.approx(np.vdot(y, dy))


@pytest.mark.parametrize("kernel", [(2, 2), (3, 3)])
@pytest.mark.parametrize("place", [0, 3, 4])
def test_nan_is_seen(kernel: tuple[int, int], place: int) -> None:
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    x.flat[place] = np.nan
    y = np.empty((1, 1, 1, 1))
    mask = np.empty(y.shape, np.int32)
    kernels.max_pool(x, kernel, (2, 2), (0, 0), y, mask)
    assert np.isnan(y.item())
    assert mask.item() == place
    y.fill(0)
    max_pool_values(x, kernel, (2, 2), (0, 0), y)
    assert np.isnan(y.item())
