"""Compares gradients with central differences in float64.

The upstream gradient has to be random: a sum over outputs would hide errors that cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import Array

_STEP = 1e-5
_KINK = 1e-2
_MOST_KINKS = 0.2


@dataclass(frozen=True)
class Checked:
    """How many elements were compared, how many lay on a kink."""

    compared: int
    kinks: int


def slopes(
    function: Callable[[], float], x: Array, place: int, middle: float
) -> tuple[float, float]:
    """Left and right difference quotients of `function` where it reads x.flat[place].

    `middle` is its value at x as it is.
    """
    flat = x.reshape(-1, copy=False)
    old = flat[place]
    flat[place] = old + _STEP
    right = (function() - middle) / _STEP
    flat[place] = old - _STEP
    left = (middle - function()) / _STEP
    flat[place] = old
    return left, right


def check(
    function: Callable[[], float],
    x: Array,
    gradient: Array,
    *,
    name: str = "x",
    most: int = 60,
    tolerance: float = 1e-5,
) -> Checked:
    """Assert that `gradient` is the gradient of `function` with respect to `x`, read in place.

    At most `most` elements are tried, drawn at random. Where left and right quotients disagree the
    function has a kink; such elements are left out, and too many of them are a failure.
    """
    assert x.dtype == np.float64, "differences need float64"
    assert gradient.shape == x.shape, f"d{name} is {gradient.shape}, {name} is {x.shape}"
    assert np.isfinite(gradient).all(), f"d{name} is not finite"
    places = np.random.default_rng(x.size).permutation(x.size)[:most]
    largest = max(1.0, float(np.abs(gradient).max(initial=0.0)))
    kinks = 0
    middle = function()
    for place in places:
        left, right = slopes(function, x, int(place), middle)
        if abs(left - right) > _KINK * max(abs(left), abs(right), 0.1):
            kinks += 1
            continue
        numeric = (left + right) / 2
        found = float(gradient.flat[place])
        index = tuple(int(i) for i in np.unravel_index(place, x.shape))
        assert abs(found - numeric) <= tolerance * max(largest, abs(numeric)), (
            f"d{name}{list(index)} is {found:.8g}, differences say {numeric:.8g}"
        )
    assert kinks <= _MOST_KINKS * len(places), f"{kinks} of {len(places)} in {name} lie on kinks"
    return Checked(len(places) - kinks, kinks)
