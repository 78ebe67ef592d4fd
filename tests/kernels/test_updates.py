"""Update kernels against their formulas, one weight at a time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels import updates as kernels
from tests.reference import updates as reference

# The first is long enough for every piece of it to hold something.
START = np.array([0, 1008])
COUNT = np.array([1000, 7])
RATE = [0.1, 0.3]
L2 = [0.01, 0.0]
L1 = [0.0, 0.02]
SCALE = 0.5
SIZE = 1030
DELTA = 1e-3
# kernel, its numbers, histories kept, twin, the twin's numbers
CASES: list[Any] = [
    (kernels.sgd, [0.9], 1, reference.sgd, {"momentum": 0.9}),
    (kernels.nesterov, [0.9], 1, reference.nesterov, {"momentum": 0.9}),
    (kernels.adagrad, [DELTA], 1, reference.adagrad, {"delta": DELTA}),
    (kernels.rmsprop, [0.9, 0.1, DELTA], 1, reference.rmsprop,
     {"rms_decay": 0.9, "delta": DELTA}),
    (kernels.adadelta, [0.9, 0.1, DELTA], 2, reference.adadelta,
     {"momentum": 0.9, "delta": DELTA}),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("kernel", "numbers", "kept", "twin", "options"), CASES)
def test_kernel_follows_its_formula(
    kernel: Any, numbers: list[float], kept: int, twin: Any, options: dict[str, float], dtype: Any
) -> None:
    draw = np.random.default_rng(1)
    g, w = draw.normal(size=(2, SIZE)).astype(dtype)
    w[3] = 0
    histories = [np.abs(draw.normal(size=SIZE)).astype(dtype) for _ in range(kept)]
    wanted_w, wanted_h = w.astype(np.float64), [h.astype(np.float64) for h in histories]
    for start, count, rate, l2, l1 in zip(START, COUNT, RATE, L2, L1, strict=True):
        for i in range(start, start + count):
            gradient = reference.regularised(float(g[i]), wanted_w[i], SCALE, l2, l1)
            history = tuple(h[i] for h in wanted_h)
            wanted_w[i], history = twin(wanted_w[i], gradient, rate, history, **options)
            for h, value in zip(wanted_h, history, strict=True):
                h[i] = value
    kind = np.dtype(dtype).type
    vectors = [np.array(v, dtype) for v in (RATE, L2, L1)]
    before = w.astype(np.float64)
    kernel(START, COUNT, *vectors, kind(SCALE), *map(kind, numbers), g, w, *histories)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(w, wanted_w, rtol=tolerance, atol=tolerance)
    for start, count in zip(START, COUNT, strict=True):
        taken_off = (before - wanted_w)[start : start + count]
        found = g[start : start + count]
        np.testing.assert_allclose(found, taken_off, rtol=tolerance, atol=tolerance)
    for h, wanted in zip(histories, wanted_h, strict=True):
        np.testing.assert_allclose(h, wanted, rtol=tolerance, atol=tolerance)


def test_squared_norm_leaves_out_what_no_segment_covers() -> None:
    gradient = np.full(SIZE, 2.0, np.float32)
    gradient[1000:1008] = np.nan
    assert kernels.squared_norm(START, COUNT, gradient) == 4.0 * COUNT.sum()


def test_nan_gradients_stay_visible() -> None:
    g, w, h = np.full(SIZE, np.nan), np.zeros(SIZE), np.zeros(SIZE)
    ones = np.ones(2)
    kernels.sgd(START, COUNT, ones, ones, ones, 1.0, 0.9, g, w, h)
    assert np.isnan(w[0])


def test_threads_do_not_change_bits() -> None:
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
            numba.set_num_threads(threads)
            g, w, h = np.random.default_rng(2).normal(size=(3, SIZE)).astype(np.float32)
            numbers = [np.array(v, np.float32) for v in (RATE, L2, L1)]
            kernels.sgd(START, COUNT, *numbers, np.float32(1), np.float32(0.9), g, w, h)
            found.append((w, h))
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(found[0], found[1])
