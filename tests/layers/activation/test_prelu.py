"""PReLU: shapes and first values of the slopes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str, shape: tuple[int, ...]) -> LayerRun:
    text = f'layer {{ name: "p" type: "PReLU" bottom: "x" top: "y"\nprelu_param {{ {options} }} }}'
    return LayerRun(text, [np.full(shape, -2.0)])


def test_slopes() -> None:
    run = _run("", (2, 3, 4))
    assert run.values[0].tolist() == [0.25] * 3
    assert set(run.forward()[0].reshape(-1)) == {-0.5}
    shared = _run("channel_shared: true filler { value: 2 }", (2, 3))
    assert shared.values[0].shape == ()
    assert set(shared.forward()[0].reshape(-1)) == {-4}


def test_zero_takes_the_slope_below() -> None:
    run = _run("", (1, 2))
    run.inputs[0][...] = 0
    run.forward()
    assert run.backward([np.ones((1, 2))])[0].tolist() == [[0.25, 0.25]]  # type: ignore[union-attr]


def test_needs_channels() -> None:
    with pytest.raises(UserError, match=r"bottom 'x' is \(5,\); it needs at least 2 axes"):
        _run("", (5,))


def test_filler_is_blamed_at_its_line() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: unknown filler 'gausian'.*gaussian"):
        _run('filler { type: "gausian" }', (2, 3))
