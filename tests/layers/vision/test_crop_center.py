"""CropCenter: the middle of a blob, and what cannot be cut off."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

X = np.random.default_rng(0).normal(size=(4, 3, 6, 5))


def _run(*sizes: int) -> LayerRun:
    given = " ".join(f"crop_size: {size}" for size in sizes)
    ports = 'name: "c" type: "CropCenter" bottom: "x" top: "y"'
    return LayerRun(f"layer {{ {ports}\ncrop_center_param {{ {given} }} }}", [X])


def test_the_middle_and_its_gradient() -> None:
    run = _run(1, 1, 2, 1)
    (y,) = run.forward()
    np.testing.assert_array_equal(y, X[1:-1, 1:-1, 2:-2, 1:-1])
    (dx,) = run.backward([y])
    wanted = np.zeros_like(X)
    wanted[1:-1, 1:-1, 2:-2, 1:-1] = y
    np.testing.assert_array_equal(dx, wanted)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((2, 2), r"2 crop_size for bottom 'x' \(4, 3, 6, 5\); one for each of its 4 axes"),
        ((), "0 crop_size"),
        ((0, 0, 3, 0), "crop_size 3 on axis 2; .*: of its 6 something must be left"),
        ((2, 0, 0, 0), "crop_size 2 on axis 0"),
    ],
)
def test_refused(sizes: tuple[int, ...], told: str) -> None:
    with pytest.raises(UserError, match=told) as caught:
        _run(*sizes)
    assert caught.value.where is not None
    assert caught.value.where.line == 2
