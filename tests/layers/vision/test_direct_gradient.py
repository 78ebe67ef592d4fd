"""Backward without columns: where it fits, and that it is the adjoint of the convolution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.convolution.conv_write import ROWS
from mycaffe_py.kernels.convolution.turned import turn_filters
from tests.layers.vision.test_convolution import convolution

CASES = {
    "3 x 3": (f"num_output: {ROWS} kernel_size: 3 pad: 1", (2, ROWS + 1, 7, 9)),
    "no padding": (f"num_output: {ROWS} kernel_size: 3", (2, ROWS, 7, 6)),
    "few outputs": ("num_output: 2 kernel_size: 3 pad: 1", (2, ROWS, 6, 5)),
    "one tap": (f"num_output: {2 * ROWS - 1} kernel_size: 1", (3, ROWS, 5, 5)),
    "uneven": (
        f"num_output: {ROWS} kernel_h: 3 kernel_w: 2 pad_h: 2 pad_w: 1",
        (1, ROWS, 6, 7),
    ),
    "dilated": (f"num_output: {ROWS} kernel_size: 3 dilation: 2 pad: 3", (2, ROWS, 9, 8)),
    "groups": (f"num_output: {2 * ROWS} kernel_size: 3 group: 2 pad: 1", (2, 2 * ROWS, 6, 6)),
    "a line": (f"num_output: {ROWS} kernel_size: 5 pad: 2", (2, ROWS, 11)),
    "many small pictures": (f"num_output: {ROWS} kernel_size: 3 pad: 1", (70, ROWS, 2, 2)),
}
COLUMNS = {
    "strides": (f"num_output: {ROWS} kernel_size: 3 stride: 2", (2, ROWS, 7, 7)),
    "few channels": (f"num_output: {ROWS} kernel_size: 3", (2, ROWS - 1, 7, 7)),
    "a group a channel": ("num_output: 10 kernel_size: 3 group: 5", (2, 5, 6, 8)),
    "more padding than filter": (f"num_output: {ROWS} kernel_size: 2 pad: 2", (2, ROWS, 4, 4)),
    "a volume": (f"num_output: {ROWS} kernel_size: 2", (1, ROWS, 3, 3, 3)),
    "no pictures": (f"num_output: {ROWS} kernel_size: 3", (0, ROWS, 7, 7)),
}


def _run(options: str, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(4)
    x = random.normal(size=shape)
    run = convolution(f'{options} weight_filler {{ type: "msra" }}', x, dtype=dtype)
    (y,) = run.forward()
    return run, random, np.asarray(random.normal(size=y.shape), dtype)


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_the_adjoint_and_what_columns_give(case: str, dtype: Any) -> None:
    run, random, dy = _run(*CASES[case], dtype)
    assert run.plan.facts.gradient is not None
    (dx,) = run.backward([dy])
    dx, dw = dx.copy(), run.io.dparams[0].copy()
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"atol": 1e-11}
    x = random.normal(size=dx.shape)
    other = convolution(CASES[case][0], x, params=[run.io.params[0]])
    bias = other.io.params[1].reshape(-1, *[1] * (x.ndim - 2))
    (y,) = other.forward()
    np.testing.assert_allclose(np.sum((y - bias) * dy), np.sum(x * dx), rtol=1e-3, atol=1e-3)
    run.io.facts = replace(run.plan.facts, gradient=None)
    columns = run.plan.facts.columns
    places = columns.chunk * columns.area
    run.io.scratch["columns"] = np.empty(columns.lines * places, dtype)
    run.io.scratch["products"] = np.empty(run.plan.facts.outputs * places, dtype)
    run.io.dparams[0][...] = 0
    (by_columns,) = run.backward([dy])
    np.testing.assert_allclose(dx, by_columns, **tolerance)
    np.testing.assert_array_equal(dw, run.io.dparams[0])


@pytest.mark.parametrize("case", list(COLUMNS))
def test_where_it_does_not_fit_columns_do(case: str) -> None:
    run, _, dy = _run(*COLUMNS[case], np.float64)
    assert run.plan.facts.gradient is None
    (dx,) = run.backward([dy])
    assert dx is not None and np.all(np.isfinite(dx))


def test_filters_are_turned_around_within_their_group() -> None:
    w = np.random.default_rng(1).normal(size=(6, 20, 2, 3)).astype(np.float32)
    turned = np.empty((40, 3, 2, 3), np.float32)
    turn_filters(w, 2, turned)
    for group in range(2):
        wanted = w[3 * group : 3 * group + 3, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        np.testing.assert_array_equal(turned[20 * group : 20 * group + 20], wanted)
