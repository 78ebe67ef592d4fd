"""Power: gradients at 0, constants, and roots of negative numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str, x: list[float]) -> LayerRun:
    text = f'layer {{ name: "p" type: "Power" bottom: "x" top: "y"\npower_param {{ {options} }} }}'
    return LayerRun(text, [np.array(x)])


def _gradient(run: LayerRun) -> list[float]:
    run.forward()
    (dx,) = run.backward([np.ones_like(run.inputs[0])])
    assert dx is not None
    return list(dx.tolist())


def test_gradient_at_zero_is_a_number() -> None:
    assert _gradient(_run("power: 3", [0, 2])) == [0, 12]
    assert _gradient(_run("power: 1 scale: 2", [0, 2])) == [2, 2]


@pytest.mark.parametrize("options, value", [("power: 0", 1), ("scale: 0 shift: 3 power: 2", 9)])
def test_constant(options: str, value: float) -> None:
    run = _run(options, [np.nan, 7])
    assert run.forward()[0].tolist() == [value, value]
    assert _gradient(run) == [0, 0]


def test_constant_that_is_no_number() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: .*scale 0 makes every value 0\^-1"):
        _run("scale: 0 power: -1", [1])


def test_root_of_a_negative_number_is_seen() -> None:
    assert np.isnan(_run("power: 0.5", [-1]).forward()[0][0])
