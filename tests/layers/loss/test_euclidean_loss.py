"""EuclideanLoss: value, both gradients, shapes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

TEXT = 'layer { name: "loss" type: "EuclideanLoss" bottom: "a" bottom: "b" top: "loss" }'


def test_value_and_gradients() -> None:
    a, b = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 0.0]])
    run = LayerRun(TEXT, [a, b], loss_weight=2)
    assert run.forward()[0] == (1 + 4 + 9) / 4
    da, db = run.backward()
    np.testing.assert_array_equal(da, a - b)
    np.testing.assert_array_equal(db, b - a)


def test_shapes_may_differ_but_not_sizes() -> None:
    assert LayerRun(TEXT, [np.ones((2, 4)), np.zeros((2, 2, 2))]).forward()[0] == 2
    with pytest.raises(UserError, match=r"bottom 'a' is \(2, 4\), bottom 'b' is \(4, 2\)"):
        LayerRun(TEXT, [np.ones((2, 4)), np.ones((4, 2))])
