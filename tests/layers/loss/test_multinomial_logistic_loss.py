"""MultinomialLogisticLoss: the floor under the logarithm, labels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

TEXT = 'layer { name: "loss" type: "MultinomialLogisticLoss" bottom: "p" bottom: "l" top: "loss" }'


def test_by_hand() -> None:
    run = LayerRun(TEXT, [np.array([[0.5, 0.5], [0.75, 0.25]]), np.array([0, 1])], loss_weight=3)
    assert run.forward()[0] == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert np.asarray(run.backward()[0]).tolist() == [[-3, 0], [0, -6]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_probability_of_zero(dtype: type) -> None:
    run = LayerRun(TEXT, [np.array([[0.0, 1.0]]), np.array([0])], dtype=dtype)
    assert run.forward()[0] == pytest.approx(20 * math.log(10))
    assert np.asarray(run.backward()[0]).tolist() == [[pytest.approx(-1e20), 0]]


def test_labels() -> None:
    with pytest.raises(
        UserError,
        match=r"label -1; labels run from 0 to 1, because bottom 'p' has "
        r"2 probabilities a row",
    ):
        LayerRun(TEXT, [np.ones((2, 2)), np.array([0, -1])]).forward()
    with pytest.raises(UserError, match=r"'l' is \(2, 2\); one label for each row of bottom 'p'"):
        LayerRun(TEXT, [np.ones((2, 2)), np.ones((2, 2))])
