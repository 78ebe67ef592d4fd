"""ImResize by its definition, its scales, what is refused."""

from __future__ import annotations

from itertools import product
from math import floor
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(options: str) -> str:
    layer = 'name: "r" type: "ImResize" bottom: "x" top: "y"'
    return f"layer {{ {layer} imresize_param {{ {options} }} }}"


def _cubic(values: Any, d: float) -> float:
    """Between the second and the third of four values."""
    v0, v1, v2, v3 = values
    a = -0.5 * v0 + 1.5 * v1 - 1.5 * v2 + 0.5 * v3
    b = v0 - 2.5 * v1 + 2 * v2 - 0.5 * v3
    return float(a * d**3 + b * d**2 + (v2 - v0) / 2 * d + v1)


def _resized(x: Any, height: int, width: int) -> Any:
    """One map, pixel by pixel."""

    def four(size: int, made: int, k: int) -> tuple[list[int], float]:
        at = (k - (made / size / 2 - 0.5)) * size / made
        second = max(int(at + 1e-5), 0)
        return [min(max(second + step, 0), size - 1) for step in (-1, 0, 1, 2)], at - second

    y = np.zeros((height, width))
    for i, j in product(range(height), range(width)):
        rows, down = four(x.shape[0], height, i)
        columns, across = four(x.shape[1], width, j)
        y[i, j] = _cubic([_cubic(x[row, columns], across) for row in rows], down)
    return y


@pytest.mark.parametrize("size", [(7, 9), (14, 18), (56, 72), (4, 5), (1, 1), (20, 3)])
def test_one_scale_by_the_definition(size: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(size=(1, 2, 7, 9))
    options = f"target_spatial_height: {size[0]} target_spatial_width: {size[1]}"
    (y,) = LayerRun(_text(options), [x]).forward()
    for channel in range(2):
        np.testing.assert_allclose(y[0, channel], _resized(x[0, channel], *size), atol=1e-13)


def test_rows_are_scales_of_one_picture() -> None:
    x = np.random.default_rng(1).normal(size=(3, 1, 10, 12))
    (y,) = LayerRun(_text("factor: 2 start_scale: 1 scale_gap: 0.25"), [x]).forward()
    wanted = []
    for n in range(3):
        rows, columns = floor(10 / 2 * 0.25 * n), floor(12 / 2 * 0.25 * n)
        part = x[n, 0, rows : 10 - rows, columns : 12 - columns]
        wanted.append(_resized(part, 20, 24))
    np.testing.assert_allclose(y, np.mean(wanted, axis=0)[None, None], atol=1e-13)


def test_a_flat_map_stays_flat() -> None:
    (y,) = LayerRun(_text("factor: 8"), [np.ones((1, 1, 3, 4))]).forward()
    np.testing.assert_allclose(y, np.ones((1, 1, 24, 32)))


@pytest.mark.parametrize(
    ("options", "shape", "told"),
    [
        ("factor: 0.1", (1, 1, 4, 4), "factor 0.1"),
        ("factor: -1", (1, 1, 4, 4), "factor -1"),
        ("factor: 1e20", (1, 1, 4, 4), "factor 1e+20"),
        ("target_spatial_width: 0", (1, 1, 4, 4), "target_spatial_width 0"),
        ("target_spatial_height: -3", (1, 1, 4, 4), "target_spatial_height -3"),
        ("target_spatial_height: 2000000000", (1, 1, 4, 4), "target_spatial_height 2e+09"),
        ("scale_gap: 1", (3, 1, 8, 8), "of row 1"),
        ("start_scale: 2", (1, 1, 8, 8), "scale 2 of row 0"),
        ("", (4, 4), "heat maps"),
        ("", (0, 1, 4, 4), "heat maps"),
    ],
)
def test_what_cannot_be_is_told(options: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(options), [np.zeros(shape)])
    assert told in str(error.value)
