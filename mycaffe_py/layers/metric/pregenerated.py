"""Centroids that are not learned: random points, far enough apart, fixed by the seed."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import Array, LayerIO
from mycaffe_py.layers.metric.centroid_state import CentroidState
from mycaffe_py.random_streams import stream


def pregenerate(io: LayerIO, state: CentroidState, alpha: float) -> None:
    """Set the centroids once; a status of 1 everywhere says that they are there already."""
    if not state.status.all():
        generator = stream(io.run.seed, f"pregen/{io.context.param.name}")
        count, features = state.centroids.shape
        points = spread_points(count, features, 2 * alpha, generator)
        state.centroids[...] = points
        state.status[...] = 1
        state.counts[...] = 1


def spread_points(
    count: int, features: int, squared_distance: float, generator: np.random.Generator
) -> Array:
    """(count, features) random points whose pairwise squared distances exceed the one given.

    Each point is the one of 64 candidates in the unit cube that is farthest from those before
    it; then all are scaled so that the nearest two are 1 % farther apart than asked for.
    """
    points = generator.random((1, features))
    nearest = np.inf
    for _ in range(1, count):
        candidates = generator.random((64, features))
        gaps = ((candidates[:, None] - points[None]) ** 2).sum(axis=2).min(axis=1)
        best = int(gaps.argmax())
        nearest = min(nearest, float(gaps[best]))
        points = np.vstack([points, candidates[best]])
    scale = 1.0 if count == 1 else np.sqrt(squared_distance / nearest) * 1.005
    result: Array = (points - points.mean(axis=0)) * scale
    return result
