"""e^x and the gates of an LSTM on whole vectors against the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.jit import kernel
from mycaffe_py.kernels.recurrent.lstm_cell import squash, tanh
from mycaffe_py.kernels.vectors import vector_math
from mycaffe_py.kernels.vectors.vector import lanes, load, store, width
from tests.reference.recurrent import sigmoid

ERROR = {np.float32: 3e-7, np.float64: 5e-16}


@kernel
def _exp(x, limit, y_out):  # type: ignore[no-untyped-def]
    for at in range(0, x.size, width(x)):
        store(y_out, at, vector_math.exp(load(x, at), limit))


@kernel
def _tanh(x, limit, y_out):  # type: ignore[no-untyped-def]
    for at in range(0, x.size, width(x)):
        store(y_out, at, tanh(load(x, at), limit))


@kernel
def _gates(x, limit, y_out):  # type: ignore[no-untyped-def]
    size = width(x)
    i, f, o, g = squash(load(x, 0), load(x, size), load(x, 2 * size), load(x, 3 * size), limit)
    store(y_out, 0, i)
    store(y_out, size, f)
    store(y_out, 2 * size, o)
    store(y_out, 3 * size, g)


@kernel
def _kept(x, share, y_out):  # type: ignore[no-untyped-def]
    store(y_out, 0, vector_math.kept(load(x, 0), x.dtype.type(share)))


def _of(run: Callable[..., None], x: Any, second: float) -> Any:
    y = np.full_like(x, np.nan)
    run(x, second, y)
    return y


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exp_of_many_numbers(dtype: type) -> None:
    x = np.concatenate([np.linspace(-80, 80, 6400), np.geomspace(1e-9, 1, 320)]).astype(dtype)
    np.testing.assert_allclose(_of(_exp, x, 85.0), np.exp(x.astype(float)), rtol=ERROR[dtype])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exp_ends_at_the_limit_and_keeps_nan(dtype: type) -> None:
    x = np.full(lanes(dtype), np.nan, dtype)
    x[:2] = np.inf, -1e30
    y = _of(_exp, x, 20.0)
    np.testing.assert_allclose(y[:2], np.exp([20.0, -20.0]), rtol=1e-6)
    assert np.isnan(y[2:]).all()


@pytest.mark.parametrize(("dtype", "limit"), [(np.float32, 40.0), (np.float64, 300.0)])
def test_tanh(dtype: type, limit: float) -> None:
    x = np.linspace(-30, 30, 6400).astype(dtype)
    np.testing.assert_allclose(_of(_tanh, x, limit), np.tanh(x.astype(float)), atol=ERROR[dtype])


@pytest.mark.parametrize(("dtype", "limit"), [(np.float32, 20.0), (np.float64, 150.0)])
@pytest.mark.parametrize("far", [1.0, 8.0, 1000.0])
def test_four_gates_share_a_division(dtype: type, limit: float, far: float) -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        sums = far * random.normal(size=(4, lanes(dtype)))
        x = (sums * np.array([[-1], [-1], [-1], [-2]])).astype(dtype)
        found = _of(_gates, x.reshape(-1), limit).reshape(4, -1)
        wanted = [*sigmoid(np.clip(sums[:3], -700, 700)), np.tanh(sums[3])]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6 if limit == 20 else 2e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_share_of_0_forgets_a_nan(dtype: type) -> None:
    x = np.full(lanes(dtype), np.nan, dtype)
    assert not _of(_kept, x, 0.0).any()
    x[:] = 3
    assert (_of(_kept, x, 0.5) == 1.5).all()
    x[:] = np.nan
    assert np.isnan(_of(_kept, x, 0.5)).all()
