"""Reverse: each axis, in place, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(axis: int) -> str:
    return (
        f'layer {{ name: "r" type: "Reverse" bottom: "x" top: "y" '
        f"reverse_param {{ axis: {axis} }} }}"
    )


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_the_last_comes_first(axis: int, in_place: bool) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    run = LayerRun(_text(axis), [x], in_place=in_place)
    np.testing.assert_array_equal(run.forward()[0], np.flip(x, axis))
    np.testing.assert_array_equal(run.backward([x])[0], np.flip(x, axis))


def test_an_empty_axis_is_turned() -> None:
    assert LayerRun(_text(0), [np.zeros((0, 2))]).forward()[0].shape == (0, 2)


@pytest.mark.parametrize("shape", [(), (2,)])
def test_an_axis_that_is_not_there_is_told(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="axis 1 does not exist"):
        LayerRun(_text(1), [np.zeros(shape)])
