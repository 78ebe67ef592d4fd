"""PriorBox and PriorBoxClustered: their boxes, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.detection import prior_boxes

Sizes = list[tuple[float, float]]
MAP, IMAGE = np.zeros((2, 5, 3, 4)), np.zeros((2, 3, 60, 80))


def _made(options: str, kind: str = "PriorBox", bottoms: Any = (MAP, IMAGE)) -> Any:
    ports = 'bottom: "map" bottom: "data" top: "y"'
    text = f'layer {{ name: "p" type: "{kind}" {ports}\nprior_box_param {{ {options} }} }}'
    (top,) = LayerRun(text, bottoms).forward()
    return top


def _same(options: str, sizes: Sizes, kind: str = "PriorBox", **how: Any) -> None:
    how = {"step": (20, 20), "image": (60, 80), **how}
    top = _made(options, kind)
    wanted = prior_boxes((3, 4), how.pop("image"), sizes, how.pop("step"), **how)
    assert top.shape == (1, 2, wanted.size)
    np.testing.assert_allclose(top[0, 0], wanted.ravel(), rtol=0, atol=1e-12)


def test_squares_and_ratios_in_their_order() -> None:
    a, b = math.sqrt(2), math.sqrt(3)
    sizes = [(20, 20), (math.sqrt(800),) * 2, (20 * a, 20 / a), (20 / a, 20 * a)]
    _same("min_size: 20 max_size: 40 aspect_ratio: 2", [*sizes])
    _same(
        "min_size: 20 max_size: 40 "
        "aspect_ratio: 2 aspect_ratio: 0.5 aspect_ratio: 3 aspect_ratio: 1",
        [*sizes, (20 * b, 20 / b), (20 / b, 20 * b)],
    )
    _same("min_size: 20 aspect_ratio: 2 flip: false", [(20, 20), (20 * a, 20 / a)])


def test_sizes_go_one_after_another() -> None:
    a, b = math.sqrt(200), math.sqrt(800)
    _same(
        "min_size: 10 min_size: 20 max_size: 20 max_size: 40",
        [(10, 10), (a, a), (20, 20), (b, b)],
    )


def test_sides_are_whole_pixels_as_in_the_fork() -> None:
    b = math.sqrt(20 * 40)
    _same("min_size: 20.7 max_size: 40.9", [(20, 20), (b, b)])


def test_faceboxes_squares() -> None:
    made = _made("min_size: 32 min_size: 64 min_size: 128 densified: true step: 20")
    boxes = made[0, 0].reshape(3, 4, 21, 4) * [80, 60, 80, 60]
    for row, column in ((0, 0), (2, 3)):
        x, y = (column + 0.5) * 20, (row + 0.5) * 20
        wanted = [(x + 8 * j, y + 8 * i, 31) for i in range(-2, 2) for j in range(-2, 2)]
        wanted += [(x + 16 * j, y + 16 * i, 63) for i in (-1, 0) for j in (-1, 0)]
        wanted += [(x, y, 127)]
        corners = [(a - s / 2, b - s / 2, a + s / 2, b + s / 2) for a, b, s in wanted]
        np.testing.assert_allclose(boxes[row, column], corners, rtol=0, atol=1e-10)


def test_every_box_at_several_places() -> None:
    options = "min_size: 20 max_size: 40 step_h: 20 step_w: 10"
    y = _made(f"{options} offset_h: 0.5 offset_w: 0.25 offset_h: 1 offset_w: 0.5")
    sizes = [(20.0, 20.0), (math.sqrt(800),) * 2]
    wanted = []
    for row, column in np.ndindex(3, 4):
        for size, _ in sizes:
            for down, right in ((0.5, 0.25), (1, 0.5)):
                at = ((column + right) * 10, (row + down) * 20)
                wanted.append(
                    [
                        (m + s * size / 2) / n
                        for s in (-1, 1)
                        for m, n in zip(at, (80, 60), strict=True)
                    ]
                )
    np.testing.assert_allclose(y[0, 0].reshape(-1, 4), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("more", ["offset_h: 1", "offset_h: 1 offset_w: 1 offset: 1"])
def test_places_are_told_once(more: str) -> None:
    with pytest.raises(UserError, match="as many of one as of the other, or one offset alone"):
        _made(f"min_size: 20 {more}")


def test_widths_and_heights_keep_their_fractions() -> None:
    sizes = [(20.75, 10), (3.0, 4.5)]
    _same("width: 20.75 width: 3 height: 10 height: 4.5", sizes, "PriorBoxClustered")


def test_steps_offsets_and_image_sizes() -> None:
    _same("min_size: 20 step: 16 offset: 0", [(20, 20)], step=(16, 16), offset=0)
    _same("min_size: 20 step_h: 15 step_w: 18", [(20, 20)], step=(15, 18))
    _same("min_size: 20 img_size: 120", [(20, 20)], step=(40, 30), image=(120, 120))
    _same("min_size: 20 img_h: 90 img_w: 100", [(20, 20)], step=(30, 25), image=(90, 100))


def test_boxes_are_cut_only_where_clip_says_so() -> None:
    assert _made("min_size: 50").min() < 0
    clipped = _made("min_size: 50 clip: true")[0, 0]
    assert clipped.min() == 0 and clipped.max() == 1


def test_variances() -> None:
    assert set(_made("min_size: 9")[0, 1]) == {0.1}
    assert set(_made("min_size: 9 variance: 0.5")[0, 1]) == {0.5}
    four = _made("min_size: 9 variance: 1 variance: 2 variance: 3 variance: 4")[0, 1]
    assert list(four[:8]) == [1, 2, 3, 4, 1, 2, 3, 4]


def test_an_empty_map_has_no_boxes() -> None:
    assert _made("min_size: 9", bottoms=(np.zeros((1, 1, 0, 3)), IMAGE)).shape == (1, 2, 0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "prior_box_param has no min_size"),
        ("min_size: 0", "min_size 0"),
        ("min_size: nan", "min_size nan"),
        ("min_size: 9 max_size: 9", "max_size 9"),
        ("min_size: 9 max_size: 10 max_size: 11", "2 values of max_size"),
        ("min_size: 9 aspect_ratio: -1", "aspect_ratio -1"),
        ("min_size: 9 variance: 1 variance: 2", "2 values of variance"),
        ("min_size: 9 step_h: 4", "step_h alone"),
        ("min_size: 9 step: 3 step_h: 4 step_w: 4", "step and step_h and step_w stand together"),
        ("min_size: 9 step: -3", "step -3"),
        ("min_size: 9 img_size: 0", "img_size 0"),
        ("min_size: 9 img_h: 5", "img_h alone"),
        ("min_size: 9 offset: inf", "offset inf"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(options: str, told: str) -> None:
    with pytest.raises(UserError, match=f"^test.prototxt:[12]: layer 'p' .PriorBox.: {told}"):
        _made(options)


def test_clustered_boxes_need_both_lengths() -> None:
    with pytest.raises(UserError, match="2 values of width and 1 of height"):
        _made("width: 1 width: 2 height: 3", "PriorBoxClustered")
    with pytest.raises(UserError, match=r"bottom 'data' is \(2, 3\)"):
        _made("width: 1 height: 3", "PriorBoxClustered", (MAP, np.zeros((2, 3))))
