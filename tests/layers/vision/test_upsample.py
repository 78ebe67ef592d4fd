"""Upsample: SegNet's, which undoes a pooling, and the one that repeats pixels."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.resize import repeated, unpooled

_POOL = """layer {
  name: "pool" type: "Pooling" bottom: "x" top: "y" top: "places"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 }
}"""


def _text(options: str, bottoms: int = 2) -> str:
    second = 'bottom: "places"' if bottoms == 2 else ""
    return (
        f'layer {{ name: "up" type: "Upsample" bottom: "x" {second} top: "y"\n'
        f"upsample_param {{ {options} }} }}"
    )


@pytest.mark.parametrize(("height", "width"), [(6, 8), (5, 7)])
def test_values_return_to_where_they_were_the_largest(height: int, width: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, height, width))
    small, places = LayerRun(_POOL, [x]).forward()
    up = LayerRun(_text(f"upsample_h: {height} upsample_w: {width}"), [small, places])
    (y,) = up.forward()
    np.testing.assert_array_equal(y, unpooled(small, places, height, width))
    np.testing.assert_array_equal(y[y != 0], x[y != 0])
    dx, _ = up.backward([x])
    np.testing.assert_array_equal(dx, small)


def test_of_equal_places_the_last_one_wins() -> None:
    x, places = np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0, 3.0]]]])
    (y,) = LayerRun(_text("scale_h: 2 scale_w: 2"), [x, places]).forward()
    assert y.tolist() == [[[[0, 0, 0, 2], [0, 0, 0, 0]]]]


def test_pixels_are_repeated() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    (y,) = LayerRun(_text("scale: 3", 1), [x]).forward()
    np.testing.assert_array_equal(y, repeated(x, 3))


def test_no_rows() -> None:
    run = LayerRun(_text(""), [np.zeros((0, 2, 3, 3)), np.zeros((0, 2, 3, 3))])
    (y,) = run.forward()
    assert y.shape == (0, 2, 6, 6)
    run.backward([y])


@pytest.mark.parametrize("place", [8.0, -1.0, np.nan, np.inf, 1e30])
def test_a_place_that_is_none_is_told(place: float) -> None:
    places = np.zeros((2, 1, 1, 2))
    places[1, 0, 0, 1] = place
    run = LayerRun(_text("scale: 2"), [np.ones((2, 1, 1, 2)), places])
    with pytest.raises(UserError, match="item 1, channel 0 of bottom 'places'"):
        run.forward()


@pytest.mark.parametrize(
    ("options", "shapes", "line", "words"),
    [
        ("upsample_h: 4", [(1, 1, 2, 2)] * 2, 2, "upsample_h alone"),
        ("scale_w: 4", [(1, 1, 2, 2)] * 2, 2, "scale_w alone"),
        ("scale: 0", [(1, 1, 2, 2)] * 2, 2, "scale 0"),
        ("scale: 0", [(1, 1, 2, 2)], 2, "scale 0"),
        ("scale: 2 scale_h: 2 scale_w: 2", [(1, 1, 2, 2)] * 2, 2, "scale_h beside scale"),
        ("scale: 3 pad_out_h: true", [(1, 1, 2, 2)] * 2, 2, "pad_out_h with a scale of 3"),
        ("upsample_h: 4 upsample_w: 4", [(1, 1, 2, 2)], 2, "upsample_h with one bottom"),
        ("", [(1, 1, 2, 2), (1, 1, 2, 3)], 1, "'places' is (1, 1, 2, 3)"),
        ("", [(2, 2), (2, 2)], 1, "'x' is (2, 2)"),
    ],
)
def test_what_cannot_be(options: str, shapes: list[tuple[int, ...]], line: int, words: str) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text(options, len(shapes)), [np.zeros(shape) for shape in shapes])
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert words in caught.value.found
