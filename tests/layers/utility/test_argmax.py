"""ArgMax: shapes of the top, ties, errors."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str, x: object) -> LayerRun:
    text = (
        'layer { name: "best" type: "ArgMax" bottom: "x" top: "y"\n'
        f"argmax_param {{ {options} }} }}"
    )
    return LayerRun(text, [np.asarray(x, float)])


@pytest.mark.parametrize(
    ("options", "shape", "top"),
    [
        ("top_k: 3", (2, 5), (2, 1, 3)),
        ("top_k: 3 out_max_val: true", (2, 5), (2, 2, 3)),
        ("out_max_val: true", (2, 3, 4, 5), (2, 2, 1, 1)),
        ("", (4,), (4, 1, 1)),
        ("axis: -1 top_k: 2", (2, 3, 4), (2, 3, 2)),
        ("axis: 0", (2, 3), (1, 3)),
    ],
)
def test_shape_of_the_top(options: str, shape: tuple[int, ...], top: tuple[int, ...]) -> None:
    assert _run(options, np.zeros(shape)).forward()[0].shape == top


def test_of_equal_values_the_later_comes_first() -> None:
    x = [[3, 1, 3, 3, 2]]
    assert _run("top_k: 4", x).forward()[0].ravel().tolist() == [3, 2, 0, 4]


def test_indices_stand_above_values() -> None:
    (y,) = _run("top_k: 2 out_max_val: true", [[0.5, 7, 2], [1, -1, -2]]).forward()
    assert y.tolist() == [[[1, 2], [7, 2]], [[0, 1], [1, -1]]]


def test_a_nan_is_smaller_than_all() -> None:
    x = [[np.nan, -np.inf, np.nan, 1]]
    assert _run("top_k: 4", x).forward()[0].ravel().tolist() == [3, 1, 2, 0]


@pytest.mark.parametrize("top_k", [0, 5])
def test_top_k_has_to_fit(top_k: int) -> None:
    with pytest.raises(UserError) as caught:
        _run(f"axis: 1 top_k: {top_k}", np.zeros((3, 4)))
    assert str(caught.value) == (
        f"test.prototxt:2: layer 'best' (ArgMax): top_k {top_k}; 1 to 4, the number of values of "
        "bottom 'x' (3, 4) that are compared."
    )
