"""The gradient of filters without columns: where it fits, and that columns give the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mycaffe_py.kernels.convolution.conv_write import ROWS
from tests.layers.vision.test_convolution import convolution


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        (f"num_output: {ROWS} kernel_size: 3 stride: 2 pad: 1", (3, 2, 7, 9)),
        (f"num_output: {2 * ROWS} kernel_size: 3 group: 2", (2, 6, 6, 5)),
        (f"num_output: {ROWS} kernel_size: 1 stride: 2", (2, 5, 7, 7)),
        (f"num_output: {ROWS + 1} kernel_size: 5 pad: 2", (2, 3, 11)),
    ],
)
def test_columns_give_the_same(options: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(4)
    run = convolution(f'{options} weight_filler {{ type: "msra" }}', random.normal(size=shape))
    (y,) = run.forward()
    dy = np.asarray(random.normal(size=y.shape), y.dtype)
    facts = run.plan.facts
    assert facts.filters is not None
    run.io.dparams[0][...] = 1
    run.backward([dy])
    direct = run.io.dparams[0].copy()
    places = facts.columns.chunk * facts.columns.area
    run.io.scratch["columns"] = np.empty(facts.columns.lines * places, y.dtype)
    run.io.scratch["products"] = np.empty(facts.outputs * places, y.dtype)
    run.io.facts = replace(facts, filters=None)
    run.io.dparams[0][...] = 1
    run.backward([dy])
    np.testing.assert_allclose(direct, run.io.dparams[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ("num_output: 2 kernel_size: 3", (2, 3, 7, 7)),
        ("num_output: 10 kernel_size: 3 group: 5", (2, 5, 6, 8)),
        (f"num_output: {ROWS} kernel_size: 2", (1, 2, 3, 3, 3)),
    ],
)
def test_where_it_does_not_fit(options: str, shape: tuple[int, ...]) -> None:
    run = convolution(options, np.ones(shape))
    assert run.plan.facts.filters is None
