"""ReLU: negative slopes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(top: str, slope: float) -> LayerRun:
    text = (
        f'layer {{ name: "relu1" type: "ReLU" bottom: "x" top: "{top}"\n'
        f"relu_param {{ negative_slope: {slope} }} }}"
    )
    return LayerRun(text, [np.array([-2.0, 3.0])])


def test_negative_slope_below_zero_folds() -> None:
    run = _run("y", -1)
    assert run.forward()[0].tolist() == [2, 3]
    assert run.backward([np.ones(2)])[0].tolist() == [-1, 1]  # type: ignore[union-attr]


def test_negative_slope_below_zero_in_place() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: layer 'relu1' \(ReLU\): .* in place"):
        _run("x", -1)
