"""Deconvolution: against plain loops, bilinear upsampling, options that cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import stamps as reference


def _run(options: str, x: Any, *params: Any) -> LayerRun:
    text = (
        'layer { name: "up" type: "Deconvolution" bottom: "x" top: "y"\n'
        f"convolution_param {{ {options} }} }}"
    )
    return LayerRun(text, [x], params=params)


@pytest.mark.parametrize(
    ("stride", "pad", "dilation", "group"),
    [(1, 0, 1, 1), (2, 1, 1, 1), (3, 0, 2, 1), (2, 2, 2, 2), (1, 1, 1, 4)],
)
def test_equals_reference(stride: int, pad: int, dilation: int, group: int) -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=(2, 4, 3, 5)), random.normal(size=(4, 8 // group, 3, 3))
    b = random.normal(size=8)
    options = (
        f"num_output: 8 kernel_size: 3 stride: {stride} pad: {pad} dilation: {dilation} "
        f"group: {group}"
    )
    wanted = reference.deconvolution(x, w, stride, pad, dilation, group) + b[:, None, None]
    np.testing.assert_allclose(_run(options, x, w, b).forward()[0], wanted)


@pytest.mark.slow
def test_more_pictures_than_fit_in_one_piece() -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=(5, 3, 30, 30)), random.normal(size=(3, 20, 3, 3))
    run = _run("num_output: 20 kernel_size: 3 bias_term: false", x, w)
    assert 1 <= run.plan.facts.columns.chunk < 5
    np.testing.assert_allclose(
        run.forward()[0], reference.deconvolution(x, w, 1, 0, 1, 1), atol=1e-10
    )


def test_bilinear_filler_interpolates() -> None:
    options = (
        "num_output: 2 group: 2 kernel_size: 4 stride: 2 pad: 1 bias_term: false "
        'weight_filler { type: "bilinear" }'
    )
    x = np.broadcast_to(np.arange(5.0) * 4, (1, 2, 5, 5))
    (y,) = _run(options, x).forward()
    inside = y[0, 1, 2:-2, 1:-1]
    np.testing.assert_allclose(inside, np.broadcast_to(np.arange(1, 16, 2.0), inside.shape))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("kernel_size: 3", "no num_output. Write for instance: num_output: 20"),
        (
            "num_output: 4 kernel_size: 3 group: 2",
            "group 2 for 3 channels and num_output 4; group must divide both.",
        ),
        (
            "num_output: 4 kernel_size: 3 pad: 3",
            "pad 3 x 3 leaves nothing of the result; bottom 'x' is (1, 3, 4, 4), so the top "
            "would be (0, 0).",
        ),
    ],
)
def test_refused(options: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        _run(options, np.zeros((1, 3, 4, 4)))
    assert str(caught.value) == f"test.prototxt:2: layer 'up' (Deconvolution): {message}"


def test_bottoms_of_two_shapes() -> None:
    text = (
        'layer { name: "up" type: "Deconvolution" bottom: "a" bottom: "b" top: "c" top: "d" '
        "convolution_param { num_output: 1 kernel_size: 1 } }"
    )
    with pytest.raises(UserError, match=r"bottom 'b' is \(1, 1, 2, 3\); bottom 'a' is \(1, 1, 2"):
        LayerRun(text, [np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 2, 3))])
