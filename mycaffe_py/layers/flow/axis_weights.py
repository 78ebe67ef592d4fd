"""Of which pixels of an axis, by which weights, each pixel of another length is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from mycaffe_py.layers.base import Array

# Rows or columns of a resized map; their weights are worked out one by one.
MOST_PIXELS = 2**16


@dataclass(frozen=True)
class AxisWeights:
    """For each pixel of y the first pixel of x, and the weights of it and those behind."""

    starts: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]

    def arrays(self, like: Array) -> tuple[Array, Array]:
        """(h, P) weights of the type of `like`, (h,) starts."""
        return np.array(self.weights, like.dtype), np.array(self.starts, np.int64)


def collected(pixels: Iterable[Iterable[tuple[int, float]]]) -> AxisWeights:
    """Weights of pixels as (place, weight) pairs; a place that comes twice has both.

    Shorter lists get weights of 0 behind them, which the kernels pass over.
    """
    sums: list[dict[int, float]] = []
    for parts in pixels:
        found: dict[int, float] = {}
        for place, weight in parts:
            found[place] = found.get(place, 0.0) + weight
        sums.append(found)
    width = max((max(f) - min(f) + 1 for f in sums if f), default=0)
    starts = [min(found, default=0) for found in sums]
    table = [
        tuple(found.get(start + k, 0.0) for k in range(width))
        for found, start in zip(sums, starts, strict=True)
    ]
    return AxisWeights(tuple(starts), tuple(table))


def rounded(value: float) -> int:
    """Halves away from 0."""
    return floor(abs(value) + 0.5) * (1 if value > 0 else -1)


def triangle(d: float) -> float:
    """1 at 0, falling to 0 at distance 1."""
    return max(0.0, 1 - abs(d))


def cubic(d: float) -> float:
    """Catmull and Rom's cubic, 0 from distance 2 on."""
    d = abs(d)
    if d <= 1:
        return d * d * (1.5 * d - 2.5) + 1
    return d * (d * (2.5 - 0.5 * d) - 4) + 2 if d < 2 else 0.0


def spread(
    length: int, made: int, ratio: float, middle: float, kernel: Callable[[float], float],
    reach: int, widened: bool,
) -> AxisWeights:  # fmt: skip
    """`made` pixels of `length`, pixel k around k ratio + middle, weights to a sum of 1.

    `widened`: the kernel is stretched by `ratio`. `reach` is how far it is looked for.
    """
    stretch = ratio if widened else 1.0
    around = 2 if ratio < 1 else ceil(reach * stretch)
    pixels = []
    for k in range(made):
        at = k * ratio + middle
        start, end = max(rounded(at) - around, 0), min(rounded(at) + around, length - 1)
        parts = [(p, kernel((at - p) / stretch)) for p in range(start, end + 1)]
        total = sum(weight for _, weight in parts)
        pixels.append([(p, weight / total) for p, weight in parts if weight] if total else [])
    return collected(pixels)


def shrunk(length: int, made: int) -> AxisWeights:
    """`made` of `length` pixels, corners on corners, by triangles that reach to the next one's
    middle."""
    ratio = (length - 1) / (made - 1) if made > 1 else 1.0
    pixels = []
    for k in range(made):
        at = k * ratio
        start = max(rounded(at) - ceil(ratio), 0)
        end = min(rounded(at) + ceil(ratio), length - 1)
        parts = [(p, triangle((at - p) / ratio)) for p in range(start, end + 1)]
        total = sum(weight for _, weight in parts)
        pixels.append([(p, weight / total) for p, weight in parts if weight])
    return collected(pixels)


def nearest(length: int, made: int, ratio: float, middle: float) -> AxisWeights:
    """The nearest pixel, inside."""
    places = [rounded(k * ratio + middle) for k in range(made)]
    return collected([[(min(max(place, 0), length - 1), 1.0)] for place in places])


def centred_cubic(length: int, made: int, first: int) -> AxisWeights:
    """`made` pixels of the `length` from `first` on, by Catmull and Rom's cubic from four each."""
    pixels = []
    for k in range(made):
        at = (k - (made / length / 2 - 0.5)) * length / made
        # Short of a pixel by rounding alone is that pixel.
        second = max(int(at + 1e-5), 0)
        third = min(second + 1, length - 1)
        places = (max(second - 1, 0), second, third, min(third + 1, length - 1))
        d = at - second
        weights = (
            ((-0.5 * d + 1) * d - 0.5) * d,
            (1.5 * d - 2.5) * d * d + 1,
            ((-1.5 * d + 2) * d + 0.5) * d,
            (0.5 * d - 0.5) * d * d,
        )
        pixels.append([(first + p, w) for p, w in zip(places, weights, strict=True)])
    return collected(pixels)
