"""Features of any width as points in a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Plane:
    """`points` (n, 2) and `centroids` (L, 2) in one plane; `axes` says which plane it is."""

    points: NDArray[np.float64]
    centroids: NDArray[np.float64]
    axes: str


@dataclass(frozen=True)
class Principal:
    """`directions` (D, count) through `mean` (D,), the widest first, and their `share` of variance.

    The larger share of each direction points to positive.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    share: float


def to_plane(features: NDArray[np.floating], centroids: NDArray[np.floating]) -> Plane:
    """Lay `features` (n, D) and `centroids` (L, D) into a plane.

    D = 2 is drawn as it is, D = 1 along a line; wider features are projected on their two principal
    directions.
    """
    x = features.astype(np.float64)
    c = centroids.astype(np.float64)
    width = x.shape[1]
    if width <= 2:
        pad = ((0, 0), (0, 2 - width))
        return Plane(np.pad(x, pad), np.pad(c, pad), f"the {width}-D feature as it is")
    main = principal(x, 2)
    axes = f"PCA of the {width}-D feature, {100 * main.share:.0f} % of its variance"
    return Plane((x - main.mean) @ main.directions, (c - main.mean) @ main.directions, axes)


def principal(x: NDArray[np.float64], count: int) -> Principal:
    """The `count` directions in which `x` (n, D) varies most (PCA; Pearson, 1901)."""
    mean = x.mean(axis=0)
    variances, found = np.linalg.eigh(np.cov(x - mean, rowvar=False))
    directions = found[:, : -count - 1 : -1]
    directions = directions * np.sign(
        directions[np.abs(directions).argmax(axis=0), np.arange(count)]
    )
    share = variances[-count:].sum() / variances.sum() if variances.sum() > 0 else 1.0
    return Principal(mean, directions, float(share))
