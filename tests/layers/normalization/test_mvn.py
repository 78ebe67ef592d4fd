"""MVN: its four axes, and rows without spread."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.normalize import mvn

TEXT = 'layer {{ name: "even" type: "MVN" bottom: "x" top: "y" mvn_param {{ {} }} }}'


def test_top_has_four_axes() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3))
    (y,) = LayerRun(TEXT.format(""), [x]).forward()
    np.testing.assert_array_equal(y, np.zeros((2, 3, 1, 1)))
    (y,) = LayerRun(TEXT.format("across_channels: true"), [x]).forward()
    np.testing.assert_allclose(y.reshape(2, 3), mvn(x, 1e-9, True))


def test_eps_stands_outside_the_root() -> None:
    x = np.array([[[1.0, 3.0]]])
    (y,) = LayerRun(TEXT.format("eps: 1"), [x]).forward()
    assert y.reshape(-1).tolist() == [-0.5, 0.5]


def test_five_axes() -> None:
    with pytest.raises(UserError, match=r"bottom 'x' is \(1, 1, 1, 1, 2\); it may have up to 4"):
        LayerRun(TEXT.format(""), [np.zeros((1, 1, 1, 1, 2))])
