"""Rows far from the others of their label."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mycaffe_py.retrieve.outliers import outliers
from tests.reference.retrieval import distance


def test_means_and_medians_are_those_of_plain_loops():
    random = np.random.default_rng(1)
    rows, labels = random.standard_normal((40, 3)).astype(np.float32), random.integers(0, 3, 40)
    found = outliers(rows, labels, k=4)
    for number, row in enumerate(rows):
        mates = [o for o in range(40) if labels[o] == labels[number] and o != number]
        wanted = np.mean(sorted(distance(row, rows[o]) for o in mates)[:4])
        assert found.distances[number] == pytest.approx(wanted, rel=1e-12)
    for label in range(3):
        mine = labels == label
        assert found.medians[mine] == pytest.approx(np.median(found.distances[mine]), rel=1e-12)
    assert (np.diff(found.ratios[found.order]) <= 0).all()


def test_the_one_that_lies_apart_comes_first():
    rows = np.array([[0], [1], [2], [50], [100], [101], [102]])
    found = outliers(rows, np.array([0, 0, 0, 0, 1, 1, 1]), k=2)
    assert found.order[0] == 3
    assert found.distances[3] == (48**2 + 49**2) / 2


def test_labels_of_one_row_cannot_be_judged():
    found = outliers(np.array([[0], [5], [7]]), np.array([1, 2, 2]))
    assert math.isnan(found.distances[0]) and math.isnan(found.ratios[0])
    assert found.order.tolist() == [1, 2]


def test_among_equal_rows_any_other_is_infinitely_far():
    rows = np.array([[1], [1], [1], [1], [2]])
    found = outliers(rows, np.zeros(5, int), k=2)
    assert found.ratios.tolist() == [1, 1, 1, 1, math.inf]
    assert found.order.tolist() == [4, 0, 1, 2, 3]


def test_no_rows():
    assert len(outliers(np.ones((0, 2)), np.zeros(0, int)).order) == 0
