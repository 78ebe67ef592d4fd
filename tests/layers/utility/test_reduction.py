"""Reduction: the four operations by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

X = np.array([[1.0, -2, 0], [3, 4, -5]])


def _run(options: str) -> LayerRun:
    text = (
        'layer { name: "r" type: "Reduction" bottom: "x" top: "y"\n'
        f"reduction_param {{ {options} }} }}"
    )
    return LayerRun(text, [X])


@pytest.mark.parametrize(
    ("operation", "y", "dx"),
    [
        ("SUM", [-2, 4], [[10, 10, 10], [20, 20, 20]]),
        ("ASUM", [6, 24], [[10, -10, 0], [20, 20, -20]]),
        ("SUMSQ", [10, 100], [[20, -40, 0], [120, 160, -200]]),
        ("MEAN", [-2 / 3, 4 / 3], [[10 / 3] * 3, [20 / 3] * 3]),
    ],
)
def test_operations(operation: str, y: list[float], dx: list[list[float]]) -> None:
    run = _run(f"operation: {operation} axis: 1 coeff: 2")
    np.testing.assert_allclose(run.forward()[0], y)
    np.testing.assert_allclose(run.backward([np.array([5.0, 10])])[0], dx)


def test_default_is_the_sum_of_all() -> None:
    (y,) = _run("").forward()
    assert y.shape == () and y == 1


def test_axis_that_does_not_exist() -> None:
    with pytest.raises(UserError, match=r"prototxt:2: .*axis 2 does not exist"):
        _run("axis: 2")
