"""Recurrences against loops in float64: any number of rows, blocks and threads."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.lstm import lstm_forward
from mycaffe_py.kernels.recurrence import add_product, carry, pack, rows_per_thread
from mycaffe_py.kernels.rnn import rnn_forward
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


def _lstm(rows: int, hidden: int, dtype: type, block: int) -> tuple[Any, Any]:
    random = np.random.default_rng(rows)
    sums = random.normal(size=(T, rows, 4 * hidden)).astype(dtype)
    w = random.normal(size=(4 * hidden, hidden)).astype(dtype)
    cont = random.choice([0.0, 0.5, 1.0], (T, rows)).astype(dtype)
    start, cells = (random.normal(size=(n, rows, hidden)).astype(dtype) for n in (1, T + 1))
    wanted = reference.lstm(sums, cont, w, start[0], cells[0])
    before, squashed, h = (np.full((T, rows, hidden), np.nan, dtype) for _ in range(3))
    packed = pack(w, transpose=True)
    lstm_forward(cont, packed, block, start[0], sums, before, squashed, cells, h)
    return (h, cells[-1]), wanted


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rows", "hidden"), [(1, 1), (4, 5), (8, 3), (14, 17)])
def test_lstm(rows: int, hidden: int, dtype: type) -> None:
    found, wanted = _lstm(rows, hidden, dtype, rows_per_thread(rows))
    for f, w in zip(found, wanted, strict=True):
        np.testing.assert_allclose(f, w, atol=3e-6 if dtype is np.float32 else 1e-13)


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


def test_blocks_and_threads_do_not_change_bits() -> None:
    before = numba.get_num_threads()
    found = []
    try:
        for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(threads)
            found += [_lstm(20, 19, np.float32, block)[0][0] for block in (6, 12, 24)]
            assert rows_per_thread(20) == (24 if threads == 1 else 12)
    finally:
        numba.set_num_threads(before)
    assert all(np.array_equal(found[0], other) for other in found)
