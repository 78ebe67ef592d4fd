"""Im2col: against plain loops; a window that does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import stamps as reference


def _run(options: str, x: object) -> LayerRun:
    text = (
        'layer { name: "patches" type: "Im2col" bottom: "x" top: "y"\n'
        f"convolution_param {{ {options} }} }}"
    )
    return LayerRun(text, [np.asarray(x)])


@pytest.mark.parametrize(("kernel", "stride", "pad"), [(1, 1, 0), (3, 1, 1), (2, 2, 1), (3, 3, 2)])
def test_equals_reference(kernel: int, stride: int, pad: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    (y,) = _run(f"kernel_size: {kernel} stride: {stride} pad: {pad}", x).forward()
    np.testing.assert_array_equal(y, reference.patches(x, kernel, stride, pad))


def test_a_window_larger_than_the_picture() -> None:
    with pytest.raises(UserError, match=r"prototxt:2: .*a window of 5 x 5 pixels is larger than"):
        _run("kernel_size: 5", np.zeros((1, 1, 4, 4)))
