"""FlowWarp by its definition and against OpenCV; ChannelNorm beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.flow import channel_length, warped


def _text(fill: str = "ZERO") -> str:
    return (
        'layer { name: "w" type: "FlowWarp" bottom: "x" bottom: "flow" top: "y" '
        f"flow_warp_param {{ fill_value: {fill} }} }}"
    )


def _made() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    flow = random.uniform(-3, 3, size=(2, 2, 6, 7))
    flow[0] = np.round(flow[0])  # Pixels themselves, the last ones among them.
    return random.normal(size=(2, 3, 6, 7)), flow


@pytest.mark.parametrize(("fill", "outside"), [("ZERO", 0), ("NOT_A_NUMBER", np.nan)])
def test_by_the_definition(fill: str, outside: float) -> None:
    x, flow = _made()
    (y,) = LayerRun(_text(fill), [x, flow]).forward()
    for item in range(2):
        np.testing.assert_allclose(y[item], warped(x[item], flow[item], outside), atol=1e-14)


def test_as_in_opencv(tmp_path: Path) -> None:
    x, flow = (array[1:].astype(np.float32) for array in _made())
    model = tmp_path / "net.prototxt"
    inputs = ""
    for name, channels in (("x", 3), ("flow", 2)):
        shape = f"shape {{ dim: 1 dim: {channels} dim: 6 dim: 7 }}"
        inputs += f'layer {{ name: "{name}" type: "Input" top: "{name}" '
        inputs += f"input_param {{ {shape} }} }}\n"
    model.write_text(inputs + _text())
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    theirs.setInput(x, "x")
    theirs.setInput(flow, "flow")
    (y,) = LayerRun(_text(), [x, flow], dtype=np.float32).forward()
    np.testing.assert_allclose(y, theirs.forward(), atol=1e-6)


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf, 1e30])
def test_a_flow_that_is_no_number_leads_outside(strange: float) -> None:
    run = LayerRun(_text(), [np.ones((1, 1, 2, 2)), np.full((1, 2, 2, 2), strange)])
    assert not run.forward()[0].any()
    assert not run.backward([np.ones((1, 1, 2, 2))])[0].any()


@pytest.mark.parametrize("flow", [(1, 3, 4, 4), (2, 2, 4, 4), (1, 2, 4, 5), (1, 2)])
def test_a_flow_of_another_shape_is_told(flow: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="whose flow is"):
        LayerRun(_text(), [np.zeros((1, 3, 4, 4)), np.zeros(flow)])


def test_the_length_of_channels() -> None:
    text = 'layer { name: "n" type: "ChannelNorm" bottom: "x" top: "y" }'
    x = _made()[0]
    x[0, :, 1, 1] = 0
    run = LayerRun(text, [x])
    np.testing.assert_allclose(run.forward()[0], channel_length(x))
    dx = run.backward([np.ones((2, 1, 6, 7))])[0]
    assert not dx[0, :, 1, 1].any()
    with pytest.raises(UserError, match="maps"):
        LayerRun(text, [np.zeros((2, 3))])
