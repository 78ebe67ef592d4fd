"""Recurrences against loops in float64: any number of rows, blocks and threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.recurrent.recurrence import add_product, carry, pack, rows_per_thread
from mycaffe_py.kernels.recurrent.rnn import rnn_forward
from tests.reference import recurrent as reference

T = 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize(("rows", "depth", "columns"), [(1, 3, 2), (5, 7, 40), (13, 33, 130)])
def test_product_of_some_rows(
    rows: int, depth: int, columns: int, transpose: bool, dtype: type
) -> None:
    random = np.random.default_rng(0)
    shape = (columns, depth) if transpose else (depth, columns)
    w = random.normal(size=shape).astype(dtype)
    a, c = random.normal(size=(rows, depth)).astype(dtype), np.ones((rows, columns), dtype)
    first = rows // 4
    wanted = c + a @ (w.T if transpose else w)
    wanted[:first] = 1
    packed = pack(w, transpose=transpose)
    add_product(a.reshape(-1), depth, packed, first, rows, columns, c.reshape(-1))
    np.testing.assert_allclose(c, wanted, atol=1e-4 if dtype is np.float32 else 1e-12)


def test_carry_forgets_a_nan() -> None:
    state = np.array([np.nan, 2.0])
    carry(0.0, state, state)
    assert state.tolist() == [0, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rnn(dtype: type) -> None:
    random = np.random.default_rng(1)
    sums = random.normal(size=(T, 7, 5)).astype(dtype)
    w, start = (random.normal(size=(n, 5)).astype(dtype) for n in (5, 7))
    cont = random.choice([0.0, 0.5, 1.0], (T, 7)).astype(dtype)
    wanted = reference.rnn(sums, cont, w, start)
    before = np.full((T, 7, 5), np.nan, dtype)
    rnn_forward(cont, pack(w, transpose=True), rows_per_thread(7), start, before, sums)
    np.testing.assert_allclose(sums, wanted, atol=3e-6 if dtype is np.float32 else 1e-13)


def test_rows_are_shared_in_whole_tiles() -> None:
    before = numba.get_num_threads()
    try:
        for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(threads)
            assert rows_per_thread(20) == (24 if threads == 1 else 12)
    finally:
        numba.set_num_threads(before)
