"""Crop: which axes and offsets are allowed."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str, shape: tuple[int, ...], reference: tuple[int, ...]) -> LayerRun:
    text = (
        'layer { name: "cut" type: "Crop" bottom: "x" bottom: "like" top: "y"\n'
        f"crop_param {{ {options} }} }}"
    )
    x = np.arange(float(np.prod(shape))).reshape(shape)
    return LayerRun(text, [x, np.zeros(reference)])


def test_window_and_its_gradient() -> None:
    run = _run("axis: 1 offset: 1 offset: 2", (1, 3, 4), (7, 2, 2))
    assert run.forward()[0].tolist() == [[[6, 7], [10, 11]]]
    dx, dreference = run.backward([np.ones((1, 2, 2))])
    assert dreference is None
    assert np.flatnonzero(dx).tolist() == [6, 7, 10, 11]


@pytest.mark.parametrize(
    ("options", "reference", "message"),
    [
        (
            "axis: 1 offset: 1 offset: 3",
            (7, 2, 2),
            "offset 3 on axis 2; bottom 'x' is (1, 3, 4) and bottom 'like' (7, 2, 2): the offset "
            "plus 2 must not pass 4",
        ),
        (
            "axis: 0 offset: 1 offset: 3",
            (1, 2, 2),
            "2 offset for 3 axes; none, one for all, or one for each axis that is cropped (3)",
        ),
        (
            "axis: 3",
            (1, 2, 2),
            "axis 3 does not exist; bottom 'x' is (1, 3, 4), so axes run from -3 to 2",
        ),
    ],
)
def test_refused(options: str, reference: tuple[int, ...], message: str) -> None:
    with pytest.raises(UserError) as caught:
        _run(options, (1, 3, 4), reference)
    assert str(caught.value) == f"test.prototxt:2: layer 'cut' (Crop): {message}."


def test_reference_with_too_few_axes() -> None:
    with pytest.raises(UserError, match=r"bottom 'like' is \(2, 2\); it gives the size for each"):
        _run("axis: 1", (1, 3, 4), (2, 2))
