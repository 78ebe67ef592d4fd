"""Batch and row normalisation against float64; more threads change no bit."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels import broadcast, normalize
from tests.reference import normalize as reference

DTYPES = [np.float32, np.float64]


def _channels(x: Any) -> tuple[Any, ...]:
    room = [np.full(x.shape[1], np.nan, x.dtype) for _ in range(3)]
    kept, y = np.full_like(x, np.nan), np.full_like(x, np.nan)
    normalize.channel_norm_forward(x, 1e-3, normalize.no_end(x), *room, kept, y)
    return (*room, kept, y)


def _backward(y: Any, dy: Any, spread: Any, dx: Any) -> None:
    end = normalize.no_end(y)
    normalize.channel_norm_backward(y, dy, spread, end, end.scale, end.scale, dx)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 3, 7), (6, 4, 1), (1, 2, 3)])
def test_channel_norm(shape: tuple[int, ...], dtype: Any) -> None:
    x = np.random.default_rng(0).normal(5, 3, size=shape).astype(dtype)
    mean, variance, spread, kept, y = _channels(x)
    wide = x.astype(float)
    np.testing.assert_allclose(mean, wide.mean(axis=(0, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, wide.var(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(spread, np.sqrt(wide.var(axis=(0, 2)) + 1e-3), rtol=1e-5)
    np.testing.assert_allclose(y, reference.batch_norm(x, 1e-3), rtol=1e-4, atol=2e-6)
    np.testing.assert_array_equal(kept, y)
    again = np.full_like(x, np.nan)
    normalize.channel_norm_stored(x, mean, spread, again)
    np.testing.assert_allclose(again, y, rtol=1e-5, atol=1e-6)


def test_channel_norm_gradient() -> None:
    random = np.random.default_rng(1)
    x, dy = random.normal(size=(2, 4, 3, 5))
    _, _, spread, _, y = _channels(x)
    dx = dy.copy()
    _backward(y, dx, spread, dx)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        change = reference.batch_norm(x + step, 1e-3) - reference.batch_norm(x - step, 1e-3)
        assert dx[place] == pytest.approx((change * dy).sum() / 2e-6, abs=1e-7)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
def test_threads_change_no_bit() -> None:
    x = np.random.default_rng(2).normal(size=(17, 5, 6301)).astype(np.float32)
    assert x.size > normalize.WORTH_SHARING
    found = []
    before = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(threads)
        *_, spread, _, y = _channels(x)
        dx = np.empty_like(x)
        _backward(y, x, spread, dx)
        found.append((y, dx))
    numba.set_num_threads(before)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_large_means_do_not_drown_the_deviation() -> None:
    x = (4000 + np.random.default_rng(3).normal(size=(400, 1, 100))).astype(np.float32)
    _, variance, *_ = _channels(x)
    assert variance[0] == pytest.approx(x.astype(float).var(), rel=1e-5)


@pytest.mark.parametrize("divides", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_row_norm(dtype: Any, divides: bool) -> None:
    random = np.random.default_rng(4)
    x = random.normal(2, 3, size=(3, 8)).astype(dtype)
    y, deviation = np.full_like(x, np.nan), np.full(3, np.nan, dtype)
    normalize.row_norm_forward(x, 0.5, divides, deviation, y)
    np.testing.assert_allclose(y, reference.mvn(x, 0.5, divides), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(deviation, x.astype(float).std(axis=1), rtol=1e-5)


def test_a_constant_row_becomes_zero_with_a_finite_gradient() -> None:
    x = np.full((1, 6), 0.1, np.float32)
    y, deviation, dx = np.full_like(x, np.nan), np.full(1, np.nan, np.float32), np.empty_like(x)
    normalize.row_norm_forward(x, 1e-9, True, deviation, y)
    assert y.tolist() == [[0.0] * 6]
    normalize.row_norm_backward(y, np.ones_like(x), deviation, 1e-9, True, dx)
    assert dx.tolist() == [[0.0] * 6]


@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 3, 1), (1, 1, 6)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_broadcast(shape: tuple[int, ...], dtype: Any) -> None:
    random = np.random.default_rng(5)
    x, dy = random.normal(size=(2, *shape)).astype(dtype)
    s, b = random.normal(size=(2, shape[1])).astype(dtype)
    y = np.full_like(x, np.nan)
    broadcast.scale_and_shift(x, s, b, y)
    np.testing.assert_allclose(y, x * s[:, None] + b[:, None], rtol=1e-4, atol=1e-6)
    broadcast.scale_and_shift(x, s, b[:0], y)
    np.testing.assert_allclose(y, x * s[:, None], rtol=1e-6)
    ds, db = np.ones_like(s), np.ones_like(s)
    broadcast.add_products(x, dy, ds)
    broadcast.add_sums(dy, db)
    np.testing.assert_allclose(ds, 1 + np.einsum("omi,omi->m", x.astype(float), dy), rtol=1e-5)
    np.testing.assert_allclose(db, 1 + dy.astype(float).sum(axis=(0, 2)), rtol=1e-5)
