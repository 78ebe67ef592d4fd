"""Scale and Bias: where the small blob lies, and what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

KINDS = ["Scale", "Bias"]


def _run(kind: str, options: str, *shapes: tuple[int, ...]) -> LayerRun:
    bottoms = " ".join(f'bottom: "{name}"' for name in "xs"[: len(shapes)])
    text = f"""layer {{ name: "l" type: "{kind}" {bottoms} top: "y"
        {kind.lower()}_param {{
        {options} }} }}"""
    random = np.random.default_rng(0)
    return LayerRun(text, [random.normal(size=shape) for shape in shapes])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "options, wanted",
    [
        ("", (3,)),
        ("axis: 0", (2,)),
        ("axis: -1", (4,)),
        ("axis: -3 num_axes: 2", (2, 3)),
        ("num_axes: -1", (3, 4)),
        ("num_axes: 0", ()),
        ("axis: 0 num_axes: 3", (2, 3, 4)),
    ],
)
def test_parameter_shape(kind: str, options: str, wanted: tuple[int, ...]) -> None:
    assert _run(kind, options, (2, 3, 4)).values[0].shape == wanted


def test_first_values_change_nothing() -> None:
    for kind in KINDS:
        run = _run(kind, "bias_term: true" if kind == "Scale" else "", (2, 3))
        np.testing.assert_array_equal(run.forward()[0], run.inputs[0])


def test_second_bottom_is_laid_from_axis_on() -> None:
    run = _run("Scale", "bias_term: true bias_filler { value: 1 }", (2, 3, 4), (3, 4))
    assert [value.shape for value in run.values] == [(3, 4)]
    x, s = run.inputs
    np.testing.assert_allclose(run.forward()[0], x * s + 1)
    run = _run("Bias", "axis: -2", (2, 3, 4), (3,))
    x, b = run.inputs
    np.testing.assert_allclose(run.forward()[0], x + b[:, None])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "options, text",
    [
        ("axis: 3", r":3: .*axis 3 does not exist; bottom 'x' is \(2, 3, 4\), so axes run from -3"),
        ("num_axes: -2", r":3: .*num_axes -2; it counts axes"),
        ("axis: 1 num_axes: 3", r":3: .*axis 1 and num_axes 3 reach beyond the last axis"),
    ],
)
def test_parameter_that_does_not_fit(kind: str, options: str, text: str) -> None:
    with pytest.raises(UserError, match=r"^test.prototxt" + text):
        _run(kind, options, (2, 3, 4))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("small", [(4,), (3, 5), (3, 4, 1), (2, 3, 4)])
def test_bottom_that_does_not_fit(kind: str, small: tuple[int, ...]) -> None:
    wanted = r"from axis 1 on, where it is \(3, 4\)"
    with pytest.raises(UserError, match=r"^test.prototxt:1: .*bottom 's' is .*" + wanted):
        _run(kind, "", (2, 3, 4), small)
