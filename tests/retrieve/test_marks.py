"""Means of marks, their intervals, and what chance would reach."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from mycaffe_py.retrieve.chance import chance_marks
from mycaffe_py.retrieve.marks import bootstrap_interval, summarize
from mycaffe_py.retrieve.ranking import MARK_NAMES, Ranking, rank
from mycaffe_py.retrieve.table import searched
from tests.reference.retrieval import marks


def _ranking(right: list[int], among: int) -> Ranking:
    count = len(right)
    blank = np.zeros((count, len(MARK_NAMES)))
    return Ranking(blank, np.array(right), np.zeros(count, int), among)


@pytest.mark.parametrize(("right", "among"), [(1, 1), (1, 5), (2, 6), (3, 3), (4, 9)])
def test_chance_is_the_mean_over_all_orders(right, among):
    orders = itertools.combinations(range(among), right)
    every = [marks([place in places for place in range(among)]) for places in orders]
    found = chance_marks(_ranking([right], among))
    np.testing.assert_allclose(found, np.mean(every, axis=0), rtol=1e-12)


def test_chance_of_recall_at_1_is_what_the_class_sizes_say():
    labels = np.repeat([0, 1, 2], [5, 3, 2])
    found = rank(searched(np.random.default_rng(0).standard_normal((10, 2)), labels))
    wanted = sum(n / 10 * (n - 1) / 9 for n in (5, 3, 2))
    assert chance_marks(found)[0] == pytest.approx(wanted, rel=1e-12)


def test_micro_is_over_queries_and_macro_over_labels():
    rows = np.array([[0], [1], [2], [9], [50]], np.float32)
    labels = np.array([0, 0, 0, 1, 1])
    found = summarize(rank(searched(rows, labels)))
    # Of label 0 all find one another; of label 1 row 3 does not, row 4 does.
    assert found["recall@1"].micro == pytest.approx(4 / 5)
    assert found["recall@1"].macro == pytest.approx((1 + 1 / 2) / 2)
    assert (found.n, found.left_out, found.classes) == (5, 0, 2)


def test_a_query_without_partner_is_left_out_and_counted():
    rows = np.array([[0], [1], [7]], np.float32)
    found = summarize(rank(searched(rows, np.array([4, 4, 9]))))
    assert (found.n, found.left_out, found.classes) == (2, 1, 1)
    assert found["MRR"].micro == found["MRR"].macro == 1


def test_without_partners_nothing_is_measured():
    found = summarize(rank(searched(np.ones((2, 1)), np.array([1, 2]))))
    assert (found.n, found.left_out) == (0, 2)
    assert all(math.isnan(mark.micro) and math.isnan(mark.chance) for mark in found.marks)


def test_the_interval_is_as_wide_as_that_of_a_mean():
    each = np.random.default_rng(2).standard_normal((400, 1))
    low, high = bootstrap_interval(each)
    spread = 1.96 * each.std() / 20
    assert low[0] == pytest.approx(each.mean() - spread, abs=0.02)
    assert high[0] == pytest.approx(each.mean() + spread, abs=0.02)
    assert np.array_equal(bootstrap_interval(each), (low, high))
    assert not np.array_equal(bootstrap_interval(each, seed=1)[0], low)
