"""ShuffleChannel takes one channel of each group in turn, as OpenCV does."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(group: int) -> str:
    return (
        'layer { name: "mix" type: "ShuffleChannel" bottom: "x" top: "y"\n'
        f"shuffle_channel_param {{ group: {group} }} }}"
    )


def test_one_channel_of_each_group_in_turn() -> None:
    (y,) = LayerRun(_text(3), [np.arange(6.0).reshape(1, 6)]).forward()
    assert y.tolist() == [[0, 2, 4, 1, 3, 5]]


def test_as_in_opencv(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(1, 8, 3, 5)).astype(np.float32)
    model = tmp_path / "net.prototxt"
    model.write_text(
        'layer { name: "x" type: "Input" top: "x" '
        "input_param { shape { dim: 1 dim: 8 dim: 3 dim: 5 } } }\n" + _text(4)
    )
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    theirs.setInput(x)
    (y,) = LayerRun(_text(4), [x], dtype=np.float32).forward()
    np.testing.assert_array_equal(y, theirs.forward())


@pytest.mark.parametrize(("group", "shape", "line"), [(4, (1, 6), 2), (0, (1, 6), 2), (1, (), 1)])
def test_what_cannot_be_shuffled(group: int, shape: tuple[int, ...], line: int) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text(group), [np.zeros(shape)])
    assert caught.value.where is not None
    assert caught.value.where.line == line
