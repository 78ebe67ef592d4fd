"""Hard pairs are those that looking at every pair finds."""

from __future__ import annotations

import itertools
import math
import tracemalloc

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate import hard_pairs as tested
from mycaffe_py.evaluate.hard_pairs import Pairs, hard_pairs


def _told(pairs: Pairs) -> list[tuple[int, int, float]]:
    return list(zip(pairs.a.tolist(), pairs.b.tolist(), pairs.distances.tolist(), strict=True))


def test_a_worked_example() -> None:
    rows = np.array([[0.0], [5.0], [6.0], [1.0]], np.float32)
    labels = np.array([3, 3, 8, 8])
    found = hard_pairs(rows, labels, margin=2.0, most=3)
    assert _told(found.farthest) == [(0, 1, 5.0), (2, 3, 5.0)]
    assert _told(found.nearest) == [(0, 3, 1.0), (1, 2, 1.0), (1, 3, 4.0)]
    assert (found.same_n, found.different_n, found.violating) == (2, 4, 2)
    assert found.violating_share == 0.5


@pytest.mark.parametrize("classes", [1, 2, 7, 40])
@pytest.mark.parametrize("block", [1, 50, 1 << 20])
def test_every_pair_is_looked_at(classes: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tested, "_BLOCK", block)
    numbers = np.random.default_rng(classes)
    rows = (numbers.normal(size=(40, 3)) + 1000).astype(np.float32)
    labels = numbers.permutation(np.arange(40) % classes)
    found = hard_pairs(rows, labels, margin=1.5, most=12)
    wide = rows.astype(np.float64)
    every = [
        (a, b, float(np.sqrt(((wide[a] - wide[b]) ** 2).sum())))
        for a, b in itertools.combinations(range(40), 2)
    ]
    same = [pair for pair in every if labels[pair[0]] == labels[pair[1]]]
    different = [pair for pair in every if labels[pair[0]] != labels[pair[1]]]
    assert _told(found.farthest) == sorted(same, key=lambda pair: (-pair[2], pair))[:12]
    assert _told(found.nearest) == sorted(different, key=lambda pair: (pair[2], pair))[:12]
    assert (found.same_n, found.different_n) == (len(same), len(different))
    assert found.violating == sum(pair[2] < 1.5 for pair in different)


def test_equal_rows_cost_nothing_and_break_nothing() -> None:
    found = hard_pairs(np.full((6, 2), 7.0), np.array([0, 0, 0, 1, 1, 1]), margin=1.0, most=2)
    assert _told(found.nearest) == [(0, 3, 0.0), (0, 4, 0.0)]
    assert found.violating == 9


@pytest.mark.parametrize("count", [0, 1])
def test_without_pairs_there_is_no_share(count: int) -> None:
    found = hard_pairs(np.zeros((count, 2)), np.zeros(count, np.int64), margin=1.0)
    assert math.isnan(found.violating_share)
    assert not len(found.farthest.a)
    assert not len(found.nearest.a)


def test_without_a_margin_nothing_is_counted() -> None:
    found = hard_pairs(np.zeros((2, 2)), np.array([0, 1]))
    assert found.violating == 0
    assert math.isnan(found.violating_share)


def test_features_that_are_not_finite_are_refused() -> None:
    with pytest.raises(UserError, match="not finite"):
        hard_pairs(np.array([[0.0], [math.nan]]), np.array([0, 1]))


def test_memory_stays_bounded() -> None:
    """All distances of 6,000 items at once would take 288 MB."""
    numbers = np.random.default_rng(1)
    rows, labels = numbers.normal(size=(6000, 2)), numbers.integers(0, 10, 6000)
    tracemalloc.start()
    try:
        found = hard_pairs(rows, labels, margin=0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.same_n + found.different_n == 6000 * 5999 // 2
    assert peak < 150e6
