"""What the kernels pick out of given distances, on numbers worked by hand."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.retrieval.counts import count_below, count_in_bins
from mycaffe_py.kernels.retrieval.linked import link_near
from mycaffe_py.kernels.retrieval.panels import lay_rows
from mycaffe_py.kernels.retrieval.ranks import right_ranks
from mycaffe_py.kernels.retrieval.smallest import keep_smallest
from mycaffe_py.kernels.vectors.vector import aligned_empty


def test_the_smallest_of_blocks_are_kept_the_lower_row_on_a_tie():
    kept, rows = np.full((1, 3), np.inf), np.full((1, 3), -1)
    none = np.full(1, -1)
    keep_smallest(np.array([[5.0, 2, 2]]), 0, none, kept, rows)
    keep_smallest(np.array([[2.0, 9, 1]]), 3, none, kept, rows)
    assert sorted(zip(kept[0].tolist(), rows[0].tolist(), strict=True)) == [(1, 5), (2, 1), (2, 2)]


def test_a_heap_of_any_size_holds_what_a_sort_would():
    random = np.random.default_rng(1)
    for k in (1, 2, 3, 10, 64):
        values = random.integers(0, 30, (2, 64)).astype(np.float64)
        kept, rows = np.full((2, k), np.inf), np.full((2, k), -1)
        skip = np.array([-1, 5])
        for first in (0, 32):
            keep_smallest(values[:, first : first + 32], first, skip, kept, rows)
        for query in range(2):
            found = sorted(zip(kept[query].tolist(), rows[query].tolist(), strict=True))
            pairs = [(v, r) for r, v in enumerate(values[query].tolist()) if r != skip[query]]
            assert found == [*sorted(pairs), (np.inf, -1)][:k]


def test_ranks_count_all_that_come_before_ties_by_column():
    distances = np.array([[3.0, 1, 3, 2, 3, 0]])
    right, rows = np.array([[1.0, 3, 3]]), np.array([[1, 2, 4]])
    ranks = np.empty((1, 3), np.int64)
    right_ranks(distances, right, rows, np.array([-1]), ranks)
    assert ranks.tolist() == [[2, 5, 6]]
    right_ranks(distances, right, rows, np.array([5]), ranks)
    assert ranks.tolist() == [[1, 4, 5]]


def test_values_below_and_at_each_edge():
    below, tied = np.zeros(3, np.int64), np.zeros(3, np.int64)
    count_below(np.array([0.0, 1, 1, 2, 5]), np.array([1.0, 3, 5]), below, tied)
    assert below.tolist() == [1, 4, 4]
    assert tied.tolist() == [2, 0, 1]


def test_bins_hold_up_to_their_edge():
    like, unlike = np.empty((1, 3), np.int64), np.empty((1, 3), np.int64)
    distances, columns = np.array([[0.0, 1, 2, 3, 9]]), np.array([7, 7, 8, 7, 8])
    edges = np.array([1.0, 3])
    count_in_bins(distances, np.array([7]), columns, np.array([0]), edges, like, unlike)
    assert like.tolist() == [[1, 1, 0]]
    assert unlike.tolist() == [[0, 1, 1]]


def test_sets_join_at_their_lowest_row():
    parent, nearest = np.arange(4), np.full(4, np.inf)
    distances = np.array([[0.0, 9, 9, 2], [9, 0, 3, 9], [9, 3, 0, 1], [2, 9, 1, 0]])
    link_near(distances, 0, 0, 2.0, parent, nearest)
    assert nearest.tolist() == [2, np.inf, 1, 1]
    assert parent.tolist() == [0, 1, 0, 0]


def test_rows_come_back_as_they_were_or_at_length_1():
    x = np.array([[3, 4], [0, 0], [-2, 0]], np.float32)
    rows, squares = np.empty((3, 2)), aligned_empty((64,), np.float64)
    lay_rows(x, False, rows, squares)
    assert rows.tolist() == x.tolist() and squares[:3].tolist() == [25, 0, 4]
    lay_rows(x, True, rows, squares)
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0], [-1, 0]], rtol=1e-15)
