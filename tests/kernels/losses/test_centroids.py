"""Centroid kernels against loops over labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.losses import centroids as kernels
from tests.reference import centroids as reference

HUGE = float(np.finfo(np.float32).max)


def _learn(x: Any, labels: list[int], capacity: int, slots: int = 0) -> tuple[Any, Any, Any, Any]:
    count = max(labels) + 1
    kept = np.zeros((count, slots, x.shape[1]), x.dtype)
    centroids = np.zeros((count, x.shape[1]), x.dtype)
    status = np.zeros(count, x.dtype)
    counts = np.zeros(count, x.dtype)
    counted = np.ones(len(x), bool)
    kernels.learn_centroids(x, np.array(labels), counted, capacity, kept, centroids, status, counts)
    return kept, centroids, status, counts


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("capacity", [1, 4, 100])
def test_centroids_equal_reference(capacity: int, dtype: Any) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 3)).astype(dtype)
    labels = rng.integers(0, 3, 40).tolist()
    _, centroids, status, counts = _learn(x, labels, capacity)
    for label in range(3):
        items = [row for row, other in zip(x, labels, strict=True) if other == label]
        np.testing.assert_allclose(centroids[label], reference.centroid(items, capacity), rtol=1e-4)
        assert counts[label] == len(items)
        assert status[label] == (len(items) >= capacity)


def test_kept_rows_are_the_newest() -> None:
    x = np.arange(7, dtype=np.float32).reshape(7, 1)
    kept, *_ = _learn(x, [0] * 7, 4, slots=4)
    assert sorted(kept[0, :, 0].tolist()) == [3, 4, 5, 6]


def test_distances_equal_reference() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5, 3))
    points = rng.normal(size=(4, 3))
    counts = np.array([1.0, 0.0, 3.0, 1.0])
    got = np.full((5, 4), np.nan)
    kernels.squared_distances(x, points, counts, got)
    wanted = reference.squared_distances(x, [points[0], None, points[2], points[3]])
    np.testing.assert_allclose(got, np.where(np.isinf(wanted), HUGE, wanted))


@pytest.mark.parametrize("k", [1, 3, 20])
def test_nearest_kept_equals_reference(k: int) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(6, 2))
    kept = rng.normal(size=(3, 8, 2))
    counts = np.array([8.0, 5.0, 0.0])
    got = np.full((6, 3), np.nan)
    kernels.nearest_kept_distances(x, kept, counts, k, got)
    for i, row in enumerate(x):
        assert got[i, 0] == pytest.approx(reference.nearest_mean(row, kept[0], k))
        assert got[i, 1] == pytest.approx(reference.nearest_mean(row, kept[1, :5], k))
        assert got[i, 2] == HUGE


def test_nearest_label_is_strict() -> None:
    distances = np.array([[2.0, 1.0, 1.0], [HUGE, HUGE, HUGE], [np.nan, np.nan, np.nan]])
    got = np.zeros(3, np.int64)
    kernels.nearest_labels(distances, got)
    assert got.tolist() == [1, -1, -1]
