"""Padding: zeros around maps, borders cut off, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

X = np.random.default_rng(0).normal(size=(2, 3, 4, 5))


def _padded(options: str, x: Any = X) -> Any:
    ports = 'name: "p" type: "Padding" bottom: "x" top: "y"'
    (y,) = LayerRun(f"layer {{ {ports}\npadding_param {{ {options} }} }}", [x]).forward()
    return y


def test_zeros_around() -> None:
    wanted = np.pad(X, ((0, 0), (0, 0), (2, 1), (2, 1)))
    np.testing.assert_array_equal(_padded("pad_beg: 2 pad_end: 1"), wanted)


def test_borders_cut_off() -> None:
    np.testing.assert_array_equal(_padded("pad_beg: -1 pad_end: -2"), X[:, :, 1:-2, 1:-2])


@pytest.mark.parametrize(
    ("options", "shape", "told"),
    [
        ("pad_beg: 1 pad_end: -1", (1, 1, 4, 4), "not one above 0 with one below"),
        ("pad_beg: -2 pad_end: -2", (1, 1, 4, 5), "a pixel must be left"),
        ("pad_beg: 1000000000", (1, 1, 4, 5), "neither above"),
        ("pad_beg: 1", (4, 5), "maps"),
    ],
)
def test_refused(options: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(UserError, match=told):
        _padded(options, np.zeros(shape))
