"""What single vectors do, lane by lane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.jit import kernel
from mycaffe_py.kernels.vectors.lanes import every_second, larger
from mycaffe_py.kernels.vectors.vector import lanes, load, store, width


@kernel
def _every_second(x, y_out):
    store(y_out, 0, every_second(load(x, 0), load(x, width(x))))


@kernel
def _larger(a, b, y_out):
    store(y_out, 0, larger(load(a, 0), load(b, 0)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_second(dtype: Any) -> None:
    x = np.arange(2 * lanes(dtype), dtype=dtype)
    y = np.empty(lanes(dtype), dtype)
    _every_second(x, y)
    np.testing.assert_array_equal(y, x[::2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_larger_keeps_nan_of_either(dtype: Any) -> None:
    a = np.resize(np.array([1, np.nan, 3, -np.inf], dtype), lanes(dtype))
    b = np.resize(np.array([np.nan, 2, 4, -5], dtype), lanes(dtype))
    y = np.empty_like(a)
    _larger(a, b, y)
    np.testing.assert_array_equal(y, np.maximum(a, b))
