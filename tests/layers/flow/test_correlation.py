"""Correlation by its definition and against OpenCV; what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.flow import correlation

SETTINGS = [
    # pad, kernel, max displacement, stride_1, stride_2
    (2, 1, 2, 1, 1),
    (3, 3, 3, 2, 2),
    (4, 1, 4, 1, 3),
    (0, 1, 1, 1, 1),
    (5, 5, 2, 3, 1),
    (0, 1, 0, 1, 1),
]


def _text(options: str) -> str:
    return (
        'layer { name: "c" type: "Correlation" bottom: "a" bottom: "b" top: "y" '
        f"correlation_param {{ {options} }} }}"
    )


def _options(setting: tuple[int, ...]) -> str:
    names = ("pad", "kernel_size", "max_displacement", "stride_1", "stride_2")
    return " ".join(f"{name}: {value}" for name, value in zip(names, setting, strict=True))


@pytest.mark.parametrize("subtract", [False, True])
@pytest.mark.parametrize("setting", SETTINGS)
def test_by_the_definition(setting: tuple[int, ...], subtract: bool) -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 2, 3, 7, 9))
    kind = "correlation_type: SUBTRACT" if subtract else ""
    (y,) = LayerRun(_text(f"{_options(setting)} {kind}"), [a, b]).forward()
    np.testing.assert_allclose(y, correlation(a, b, *setting, subtract), atol=1e-14)


def test_as_in_opencv(tmp_path: Path) -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 1, 4, 8, 10)).astype(np.float32)
    model = tmp_path / "net.prototxt"
    shape = "input_param { shape { dim: 1 dim: 4 dim: 8 dim: 10 } }"
    model.write_text(
        "".join(f'layer {{ name: "{n}" type: "Input" top: "{n}" {shape} }}\n' for n in "ab")
        + _text(_options((4, 1, 4, 1, 2)))
    )
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    theirs.setInput(a, "a")
    theirs.setInput(b, "b")
    (y,) = LayerRun(_text(_options((4, 1, 4, 1, 2))), [a, b], dtype=np.float32).forward()
    np.testing.assert_allclose(y, theirs.forward(), atol=1e-6)


def test_no_rows_are_nothing() -> None:
    run = LayerRun(_text("kernel_size: 1 max_displacement: 0"), [np.zeros((0, 2, 3, 4))] * 2)
    assert run.forward()[0].shape == (0, 1, 3, 4)


@pytest.mark.parametrize(
    ("options", "shapes", "told"),
    [
        ("max_displacement: 1", [(1, 2, 5, 5)] * 2, "no kernel_size"),
        ("kernel_size: 1", [(1, 2, 5, 5)] * 2, "no max_displacement"),
        ("kernel_size: 2 max_displacement: 1", [(1, 2, 5, 5)] * 2, "an odd number"),
        ("kernel_size: 1 max_displacement: 1 stride_1: 0", [(1, 2, 5, 5)] * 2, "stride_1 0"),
        ("kernel_size: 1 max_displacement: 1 stride_2: 0", [(1, 2, 5, 5)] * 2, "stride_2 0"),
        (
            "kernel_size: 1 pad: 1000 max_displacement: 1000",
            [(1, 2, 5, 5)] * 2,
            "at most 256 steps",
        ),
        ("kernel_size: 1 pad: 4000000000 max_displacement: 1", [(1, 2, 5, 5)] * 2, "at most 1024"),
        ("kernel_size: 3 max_displacement: 2", [(1, 2, 6, 7)] * 2, "more than 6 rows"),
        ("kernel_size: 1 max_displacement: 1", [(1, 2, 5, 5), (1, 2, 5, 6)], "one shape"),
        ("kernel_size: 1 max_displacement: 1", [(2, 5), (2, 5)], "one shape"),
    ],
)
def test_what_cannot_be_is_told(options: str, shapes: Any, told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(options), [np.zeros(shape) for shape in shapes])
    assert told in str(error.value)
