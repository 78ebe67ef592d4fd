"""Interp against its definition, and against OpenCV where that is right."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.resize import between_corners

# Options, the rows and columns that are left of 7 x 5, and the size of the result.
_KINDS = [
    ("height: 3 width: 11", (slice(None), slice(None)), (3, 11)),
    ("zoom_factor: 3", (slice(None), slice(None)), (19, 13)),
    ("shrink_factor: 3", (slice(None), slice(None)), (3, 2)),
    ("shrink_factor: 2 zoom_factor: 4", (slice(None), slice(None)), (13, 9)),
    ("height: 4 width: 6 pad_beg: -1 pad_end: -2", (slice(1, 5), slice(1, 3)), (4, 6)),
    ("height: 1 width: 5", (slice(None), slice(None)), (1, 5)),
]


def _text(options: str) -> str:
    return (
        f'layer {{ name: "i" type: "Interp" bottom: "x" top: "y"\ninterp_param {{ {options} }} }}'
    )


@pytest.mark.parametrize(("options", "part", "size"), _KINDS, ids=[kind[0] for kind in _KINDS])
def test_lines_between_corners(
    options: str, part: tuple[slice, slice], size: tuple[int, int]
) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 7, 5))
    (y,) = LayerRun(_text(options), [x]).forward()
    np.testing.assert_allclose(y, between_corners(x[:, :, part[0], part[1]], *size), atol=1e-12)


@pytest.mark.parametrize("options", ["height: 9 width: 4", "zoom_factor: 2"])
def test_as_in_opencv(options: str, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(1, 2, 6, 7)).astype(np.float32)
    model = tmp_path / "net.prototxt"
    model.write_text(
        'layer { name: "x" type: "Input" top: "x" '
        "input_param { shape { dim: 1 dim: 2 dim: 6 dim: 7 } } }\n" + _text(options)
    )
    theirs = cv2.dnn.readNetFromCaffe(str(model))
    theirs.setInput(x)
    (y,) = LayerRun(_text(options), [x], dtype=np.float32).forward()
    np.testing.assert_allclose(y, theirs.forward(), atol=1e-6)


def test_no_rows() -> None:
    run = LayerRun(_text("zoom_factor: 2"), [np.zeros((0, 2, 3, 3))])
    (y,) = run.forward()
    assert y.shape == (0, 2, 5, 5)
    run.backward([y])


@pytest.mark.parametrize(
    ("options", "shape", "line", "words"),
    [
        ("", (1, 1, 3, 3), 2, "no size"),
        ("height: 3", (1, 1, 3, 3), 2, "no size"),
        ("height: 3 width: -1", (1, 1, 3, 3), 2, "width -1"),
        ("zoom_factor: 0", (1, 1, 3, 3), 2, "zoom_factor 0"),
        ("height: 3 width: 3 pad_beg: 1", (1, 1, 3, 3), 2, "pad_beg 1"),
        ("height: 3 width: 3 pad_end: -3", (1, 1, 3, 3), 2, "leaves no pixel"),
        ("height: 3 width: 3", (3, 3), 1, "'x' is (3, 3)"),
    ],
)
def test_what_cannot_be(options: str, shape: tuple[int, ...], line: int, words: str) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text(options), [np.zeros(shape)])
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert words in caught.value.found
