"""Nms: which pixels are peaks, where they lie, how many are told."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(options: str) -> str:
    return f'layer {{ name: "n" type: "Nms" bottom: "x" top: "y" nms_param {{ {options} }} }}'


def test_peaks_lie_between_pixels_in_the_order_of_the_map() -> None:
    x = np.zeros((1, 2, 20, 30))
    x[0, 1, 12, 5], x[0, 1, 12, 6] = 0.9, 0.3
    x[0, 1, 4, 20] = 0.6
    x[0, 1, 8, 8] = 0.2  # not above the threshold
    x[0, 1, 0, 3] = x[0, 1, 10, 29] = 5  # at the edge
    x[0, 0] = 1  # flat
    (y,) = LayerRun(_text("threshold: 0.25 max_peaks: 3 num_parts: 2"), [x]).forward()
    assert not y[0, 0].any()
    wanted = [[2, 0, 0], [20, 4, 0.6], [5.25, 12, 0.9], [0, 0, 0]]
    np.testing.assert_allclose(y[0, 1], wanted)


def test_all_peaks_are_counted_and_the_first_are_told() -> None:
    x = np.zeros((1, 1, 9, 40))
    x[0, 0, 4, 4::8] = 1
    (y,) = LayerRun(_text("max_peaks: 2 num_parts: 1"), [x]).forward()
    np.testing.assert_allclose(y[0, 0], [[5, 0, 0], [4, 4, 1], [12, 4, 1]])


def test_a_peak_below_0_lies_on_its_pixel_and_nan_is_none() -> None:
    x = np.full((1, 1, 5, 6), -9.0)
    x[0, 0, 2, 3] = -1
    (y,) = LayerRun(_text("threshold: -2 max_peaks: 1 num_parts: 1"), [x]).forward()
    assert y[0, 0].tolist() == [[1, 0, 0], [3, 2, -1]]
    x[0, 0, 2, 3] = np.nan
    assert LayerRun(_text("threshold: -2 num_parts: 1"), [x]).forward()[0][0, 0, 0, 0] == 0


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 1, 2, 5), (1, 1, 0, 0), (0, 1, 5, 5)])
def test_maps_without_an_inside_have_no_peaks(shape: tuple[int, ...]) -> None:
    assert not LayerRun(_text("num_parts: 1"), [np.ones(shape)]).forward()[0].any()


@pytest.mark.parametrize(
    ("options", "shape", "told"),
    [
        ("", (1, 3, 5, 5), "num_parts 15"),
        ("num_parts: 0", (1, 3, 5, 5), "num_parts 0"),
        ("num_parts: 1 max_peaks: 0", (1, 3, 5, 5), "max_peaks 0"),
        ("num_parts: 1", (3, 5, 5), "heat maps"),
    ],
)
def test_what_cannot_be_is_told(options: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(options), [np.zeros(shape)])
    assert told in str(error.value)
