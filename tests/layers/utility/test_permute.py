"""Permute: orders that leave axes out, views, mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

X = np.arange(24.0).reshape(2, 3, 4)


def _run(order: str) -> LayerRun:
    ports = 'bottom: "x" top: "y"'
    return LayerRun(
        f'layer {{ name: "p" type: "Permute" {ports}\npermute_param {{ {order} }} }}', [X]
    )


@pytest.mark.parametrize(
    ("order", "axes"),
    [("order: 2", (2, 0, 1)), ("order: 0 order: 2", (0, 2, 1)), ("order: 1 order: 0", (1, 0, 2))],
)
def test_axes_that_are_not_named_follow(order: str, axes: tuple[int, ...]) -> None:
    (y,) = _run(order).forward()
    np.testing.assert_array_equal(y, X.transpose(axes))


def test_an_order_that_changes_nothing_shares_memory() -> None:
    assert _run("order: 0 order: 1").plan.views == {0: 0}
    assert not _run("order: 1").plan.views


@pytest.mark.parametrize("order", ["order: 3", "order: 0 order: 2 order: 0"])
def test_a_wrong_axis_is_told_with_its_line(order: str) -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: layer 'p' \(Permute\): order "):
        _run(order)
