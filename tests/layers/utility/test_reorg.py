"""Reorg, number by number as darknet copies them, and against OpenCV."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(options: str) -> str:
    return f'layer {{ name: "r" type: "Reorg" bottom: "x" top: "y" reorg_param {{ {options} }} }}'


def _copied(x: Any, s: int, reverse: bool) -> Any:
    """The memory of the top, for one item."""
    channels, height, width = x.shape
    few = channels // (s * s)
    there, y = x.reshape(-1), np.zeros(x.size)
    for k, j, i in product(range(channels), range(height), range(width)):
        small = i + width * (j + height * k)
        row, column = j * s + k // few // s, i * s + k // few % s
        large = column + width * s * (row + height * s * (k % few))
        if reverse:
            y[large] = there[small]
        else:
            y[small] = there[large]
    return y


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("s", "shape"), [(2, (2, 8, 4, 6)), (3, (1, 9, 3, 6)), (1, (2, 3, 2, 2))])
def test_the_order_of_darknet(s: int, shape: tuple[int, ...], reverse: bool) -> None:
    x = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    (y,) = LayerRun(_text(f"stride: {s} reverse: {str(reverse).lower()}"), [x]).forward()
    for item, found in zip(x, y, strict=True):
        np.testing.assert_array_equal(found.reshape(-1), _copied(item, s, reverse))
    n, c, h, w = shape
    few = (n, c // s**2, h * s, w * s) if reverse else (n, c * s**2, h // s, w // s)
    assert y.shape == few


def test_as_in_opencv(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(1, 8, 6, 4)).astype(np.float32)
    model = tmp_path / "net.prototxt"
    model.write_text(
        'layer { name: "x" type: "Input" top: "x" '
        "input_param { shape { dim: 1 dim: 8 dim: 6 dim: 4 } } }\n" + _text("stride: 2")
    )
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    theirs.setInput(x)
    (y,) = LayerRun(_text("stride: 2"), [x], dtype=np.float32).forward()
    np.testing.assert_array_equal(y, theirs.forward())


@pytest.mark.parametrize(
    ("options", "shape", "told"),
    [
        ("", (1, 4, 2, 2), "no stride"),
        ("stride: 2", (1, 6, 2, 2), "C divisible by 4"),
        ("stride: 2", (1, 4, 3, 2), "H and W by 2"),
        ("stride: 2", (4, 2, 2), "is (4, 2, 2)"),
        ("stride: 2 reverse: true", (1, 2, 3, 3), "C divisible by 4"),
    ],
)
def test_what_cannot_be_is_told(options: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(options), [np.zeros(shape)])
    assert told in str(error.value)
