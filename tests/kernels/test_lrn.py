"""Local response normalisation against loops; more threads change no bit."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels import lrn as kernels
from tests.reference import normalize as reference

DTYPES = [np.float32, np.float64]
BETAS = [0.75, 0.6]


def _across(x: Any, size: int, alpha: float, beta: float, k: float) -> tuple[Any, Any]:
    flat = x.reshape(*x.shape[:2], -1)
    scale, y = np.full_like(flat, np.nan), np.full_like(flat, np.nan)
    kernels.across_forward(flat, size // 2, k, alpha / size, beta, scale, y)
    return scale, y.reshape(x.shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("shape", [(2, 7, 2, 3), (1, 2, 1, 1), (1, 6, 13, 11)])
def test_across(shape: tuple[int, ...], beta: float, dtype: Any) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    _, y = _across(x, 5, 0.9, beta, 1.5)
    wanted = reference.lrn_across(x, 5, 0.9, beta, 1.5)
    np.testing.assert_allclose(y, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("size", [1, 3, 9])
def test_within(size: int, beta: float, dtype: Any) -> None:
    x = np.random.default_rng(1).normal(size=(2, 2, 5, 4)).astype(dtype)
    planes = x.reshape(4, 5, 4)
    scale, y = np.full_like(planes, np.nan), np.full_like(planes, np.nan)
    kernels.within_forward(planes, size // 2, 1.0, 0.9 / size**2, beta, scale, y)
    wanted = reference.lrn_within(x, size, 0.9, beta)
    np.testing.assert_allclose(y.reshape(x.shape), wanted, rtol=1e-5, atol=1e-7)


def _slope(function: Any, x: Any, dy: Any, place: tuple[int, ...]) -> float:
    step = np.zeros_like(x)
    step[place] = 1e-6
    return float(((function(x + step) - function(x - step)) * dy).sum() / 2e-6)


@pytest.mark.parametrize("beta", BETAS)
def test_gradients(beta: float) -> None:
    x, dy = np.random.default_rng(2).normal(size=(2, 1, 4, 3, 3))
    scale, _ = _across(x, 3, 0.9, beta, 1.5)
    flat = x.reshape(1, 4, 9)
    across = np.full_like(flat, np.nan)
    kernels.across_backward(flat, scale, dy.reshape(flat.shape), 1, 0.3, beta, across)
    planes = x.reshape(4, 3, 3)
    scale, y, within = np.full((3, *planes.shape), np.nan)
    kernels.within_forward(planes, 1, 1.0, 0.1, beta, scale, y)
    kernels.within_backward(planes, scale, dy.reshape(planes.shape), 1, 0.1, beta, within)
    for place in np.ndindex(x.shape):
        wanted = _slope(lambda v: reference.lrn_across(v, 3, 0.9, beta, 1.5), x, dy, place)
        assert across.reshape(x.shape)[place] == pytest.approx(wanted, abs=1e-7)
        wanted = _slope(lambda v: reference.lrn_within(v, 3, 0.9, beta), x, dy, place)
        assert within.reshape(x.shape)[place] == pytest.approx(wanted, abs=1e-7)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_threads_change_no_bit() -> None:
    x = np.random.default_rng(3).normal(size=(5, 33, 29, 31)).astype(np.float32)
    assert x.size > kernels.WORTH_SHARING
    found = []
    before = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(threads)
        scale, y = _across(x, 5, 0.5, 0.75, 1.0)
        flat = x.reshape(5, 33, -1)
        dx = np.empty_like(flat)
        kernels.across_backward(flat, scale, flat, 2, 0.1, 0.75, dx)
        found.append((y, dx))
    numba.set_num_threads(before)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
