"""Axpy adds the third bottom to the second one times the first, unlike OpenCV."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

_TEXT = """layer {
  name: "sum" type: "Axpy"
  bottom: "s"
  bottom: "x"
  bottom: "y"
  top: "z"
}"""


def test_factors_belong_to_the_second_bottom() -> None:
    s = np.array([[2.0, 3.0]])
    x, y = np.ones((1, 2, 1, 2)), np.array([[[[10.0, 20.0]], [[30.0, 40.0]]]])
    (z,) = LayerRun(_TEXT, [s, x, y]).forward()
    assert z.tolist() == [[[[12, 22]], [[33, 43]]]]


def test_no_rows() -> None:
    run = LayerRun(_TEXT, [np.zeros(shape) for shape in [(0, 3), (0, 3, 2), (0, 3, 2)]])
    (z,) = run.forward()
    ds, dx, dy = run.backward([z])
    assert [a.shape for a in (z, ds, dx, dy)] == [(0, 3, 2), (0, 3), (0, 3, 2), (0, 3, 2)]


@pytest.mark.parametrize(
    ("shapes", "line", "words"),
    [
        ([(2, 3), (2, 4, 5), (2, 4, 5)], 3, "'s' is (2, 3)"),
        ([(2, 4, 5), (2, 4, 5), (2, 4, 5)], 3, "'s' is (2, 4, 5)"),
        ([(2, 4), (2, 4, 5), (2, 4)], 5, "'y' is (2, 4)"),
        ([(), (), ()], 4, "'x' is ()"),
    ],
)
def test_shapes_that_do_not_fit(shapes: list[tuple[int, ...]], line: int, words: str) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_TEXT, [np.zeros(shape) for shape in shapes])
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert words in caught.value.found
