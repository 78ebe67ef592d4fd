"""Floor 7. Features of any width as points in a plane."""

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


def to_plane(features: NDArray[np.floating], centroids: NDArray[np.floating]) -> Plane:
    """Lay `features` (n, D) and `centroids` (L, D) into a plane.

    D = 2 is drawn as it is, D = 1 along a line; wider features are projected on the two directions
    in which `features` vary most (PCA; Pearson, 1901), the larger share pointing to positive.
    """
    x = features.astype(np.float64)
    c = centroids.astype(np.float64)
    width = x.shape[1]
    if width <= 2:
        pad = ((0, 0), (0, 2 - width))
        return Plane(np.pad(x, pad), np.pad(c, pad), f"the {width}-D feature as it is")
    mean = x.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(x - mean, rowvar=False))
    first_two = directions[:, [-1, -2]]
    first_two = first_two * np.sign(first_two[np.abs(first_two).argmax(axis=0), [0, 1]])
    share = variances[-2:].sum() / variances.sum() if variances.sum() > 0 else 1.0
    axes = f"PCA of the {width}-D feature, {100 * share:.0f} % of its variance"
    return Plane((x - mean) @ first_two, (c - mean) @ first_two, axes)
