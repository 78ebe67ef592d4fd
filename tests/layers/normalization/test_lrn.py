"""LRN: Caffe's checks, and the options each region reads."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.normalize import lrn_across, lrn_within

TEXT = 'layer {{ name: "norm" type: "LRN" bottom: "x" top: "y"\nlrn_param {{ {} }} }}'
X = np.random.default_rng(0).normal(size=(2, 4, 3, 5))


def test_defaults() -> None:
    (y,) = LayerRun(TEXT.format(""), [X]).forward()
    np.testing.assert_allclose(y, lrn_across(X, 5, 1.0, 0.75, 1.0))


def test_within_ignores_k() -> None:
    options = "norm_region: WITHIN_CHANNEL local_size: 3 k: 100 alpha: 0.5"
    (y,) = LayerRun(TEXT.format(options), [X]).forward()
    np.testing.assert_allclose(y, lrn_within(X, 3, 0.5, 0.75))


@pytest.mark.parametrize("size", [0, 4])
def test_window_needs_a_middle(size: int) -> None:
    with pytest.raises(UserError, match=rf"test.prototxt:2: .*local_size {size}; .* must be odd"):
        LayerRun(TEXT.format(f"local_size: {size}"), [X])


def test_four_axes() -> None:
    with pytest.raises(UserError, match=r"bottom 'x' is \(2, 4, 3\); it needs 4 axes"):
        LayerRun(TEXT.format(""), [X[..., 0]])
