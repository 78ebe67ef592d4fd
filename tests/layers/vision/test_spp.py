"""SPP: levels by hand, pictures too small for their grid."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str, x: object) -> LayerRun:
    text = (
        f'layer {{ name: "pyramid" type: "SPP" bottom: "x" top: "y"\nspp_param {{ {options} }} }}'
    )
    return LayerRun(text, [np.asarray(x)])


def test_levels_stand_behind_each_other() -> None:
    x = np.arange(32.0).reshape(1, 2, 4, 4)
    (largest,) = _run("pyramid_height: 2", x).forward()
    assert largest.tolist() == [[15, 31, 5, 7, 13, 15, 21, 23, 29, 31]]
    (mean,) = _run("pyramid_height: 2 pool: AVE", x).forward()
    assert mean.tolist() == [[7.5, 23.5, 2.5, 4.5, 10.5, 12.5, 18.5, 20.5, 26.5, 28.5]]


def test_one_level_keeps_four_axes() -> None:
    assert _run("pyramid_height: 1", np.zeros((2, 3, 5, 7))).forward()[0].shape == (2, 3, 1, 1)


@pytest.mark.parametrize("size", [4, 7, 9, 11, 17])
def test_any_size_gives_rows_of_one_length(size: int) -> None:
    x = np.random.default_rng(size).normal(size=(2, 3, size, 8))
    (y,) = _run("pyramid_height: 3", x).forward()
    assert y.shape == (2, 63)
    assert set(y[0]) <= set(x[0].ravel())


@pytest.mark.parametrize(
    ("options", "shape", "message"),
    [
        (
            "",
            (1, 1, 4, 4),
            "2: layer 'pyramid' (SPP): no pyramid_height. Write for instance: pyramid_height: 3",
        ),
        (
            "pyramid_height: 2 pool: STOCHASTIC",
            (1, 1, 4, 4),
            "2: layer 'pyramid' (SPP): pool STOCHASTIC; MAX or AVE can be computed.",
        ),
        (
            "pyramid_height: 3",
            (1, 1, 5, 8),
            "2: layer 'pyramid' (SPP): pyramid_height 3; bottom 'x' is (1, 1, 5, 8), which cannot "
            "be cut into 4 x 4 cells without one that lies in the padding alone.",
        ),
        (
            "pyramid_height: 3",
            (4, 4),
            "1: layer 'pyramid' (SPP): bottom 'x' is (4, 4); pictures (N, C, H, W).",
        ),
    ],
)
def test_refused(options: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(UserError) as caught:
        _run(options, np.zeros(shape))
    assert str(caught.value) == f"test.prototxt:{message}"
