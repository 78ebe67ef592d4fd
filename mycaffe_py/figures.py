"""Distances and shares as text, with digits that tell something however small they are."""

from __future__ import annotations

import math

# Below it, five decimals show less than two digits of a number.
_SMALL = 9.5e-5


def distance_text(value: float) -> str:
    """Five decimals, or three significant digits where those would be lost: 0.01773, 1.09e-06."""
    if value == 0 or math.isinf(value) or abs(value) >= _SMALL:
        return f"{value:.5f}"
    return f"{value:.3g}"


def percent_text(share: float) -> str:
    """A share from 0 to 1 in percent; NaN is "not measured"."""
    return "not measured" if math.isnan(share) else f"{100 * share:.2f} %"
