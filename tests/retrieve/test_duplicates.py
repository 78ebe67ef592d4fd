"""Near duplicates as connected components."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.retrieve import duplicates
from mycaffe_py.retrieve.duplicates import near_duplicates
from tests.reference.retrieval import distance, groups


@pytest.mark.parametrize("within", [0, 0.05, 0.3, 1, 100])
@pytest.mark.parametrize("together", [7, 1024])
def test_groups_are_those_of_a_plain_search(within, together, monkeypatch):
    monkeypatch.setattr(duplicates, "_QUERIES", together)
    rows = np.random.default_rng(1).standard_normal((60, 2)).astype(np.float32)
    rows[50:55] = rows[:5]
    found = near_duplicates(rows, np.zeros(60, int), within)
    assert sorted(group.rows.tolist() for group in found) == groups(rows, within)
    for group in found:
        for row, nearest in zip(group.rows, group.distances, strict=True):
            wanted = min(distance(rows[row], rows[o]) for o in group.rows if o != row)
            assert nearest == pytest.approx(wanted, rel=1e-12)


def test_groups_of_different_labels_come_first_then_the_nearest():
    rows = np.array([[0], [10.2], [20.1], [0.1], [10], [20], [99]])
    found = near_duplicates(rows, np.array([1, 1, 1, 1, 2, 1, 1]), 0.1)
    assert [group.rows.tolist() for group in found] == [[1, 4], [0, 3], [2, 5]]
    assert [group.mixed for group in found] == [True, False, False]


def test_a_chain_is_one_group():
    rows = np.arange(40.0)[::-1, np.newaxis]
    (group,) = near_duplicates(rows, np.zeros(40, int), 1)
    assert group.rows.tolist() == list(range(40))


def test_nothing_to_find():
    assert near_duplicates(np.ones((0, 3)), np.zeros(0, int), 1) == []
    assert near_duplicates(np.ones((1, 3)), np.zeros(1, int), 1) == []
    with pytest.raises(ValueError, match="not a distance"):
        near_duplicates(np.ones((2, 3)), np.zeros(2, int), float("nan"))
