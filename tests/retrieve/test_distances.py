"""Distances of all pairs: what they are, that nothing but the pair decides their bits, refusals."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.distances import distance_blocks, distances
from tests.reference.retrieval import distance


def _rows(count: int, depth: int, kind=np.float32, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, depth)).astype(kind)


@pytest.mark.parametrize("metric", ["squared", "cosine"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 2), (7, 33, 8), (6, 70, 19), (13, 32, 40)])
def test_each_pair_is_the_sum_it_should_be(shape, metric):
    queries, rows = _rows(shape[0], shape[2]), _rows(shape[1], shape[2], seed=2)
    wanted = [[distance(q, row, metric) for row in rows] for q in queries]
    np.testing.assert_allclose(distances(queries, rows, metric), wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [np.float16, np.float64, np.uint8, np.int64, ">f4"])
def test_any_real_numbers_are_taken_as_they_are(kind):
    queries, rows = (100 * _rows(4, 9)).astype(kind), (100 * _rows(11, 9, seed=2)).astype(kind)
    wanted = [[distance(q, row) for row in rows] for q in queries]
    np.testing.assert_allclose(distances(queries, rows), wanted, rtol=1e-12)


def test_worked_numbers():
    queries, rows = np.array([[3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 4.0], [-4.0, 3.0]])
    assert distances(queries, rows).tolist() == [[25, 0, 50]]
    # A row of zeros has no direction; a right angle is at distance 1.
    np.testing.assert_allclose(distances(queries, rows, "cosine"), [[1, 0, 1]], atol=1e-15)
    assert distances(rows[:1], rows, "cosine").tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("metric", ["squared", "cosine"])
def test_bits_do_not_depend_on_company_block_or_threads(metric):
    queries, rows = _rows(40, 21), _rows(300, 21, seed=2)
    before = numba.get_num_threads()
    wanted = distances(queries, rows, metric)
    try:
        for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(threads)
            alone = np.vstack([distances(query[np.newaxis], rows, metric) for query in queries])
            assert np.array_equal(alone, wanted)
            for block in (1, 31, 64, 1000):
                parts = distance_blocks(queries, rows, metric, block)
                found = np.hstack([part.distances.copy() for part in parts])
                assert np.array_equal(found, wanted)
    finally:
        numba.set_num_threads(before)


def test_a_row_asked_as_query_is_at_distance_0_from_itself():
    rows = _rows(50, 13)
    for metric in ("squared", "cosine"):
        assert not np.diagonal(distances(rows, rows, metric)).any()


def test_large_and_tiny_values_neither_overflow_nor_vanish():
    rows = np.array([[3e38], [-3e38], [1e-40], [0]], np.float32)
    found = distances(rows, rows)
    assert found[0, 1] == pytest.approx(3.6e77, rel=1e-6)
    assert 0 < found[2, 3] < 1e-78


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("metric", ["squared", "cosine"])
def test_a_row_that_is_no_number_is_refused_by_its_number(value, metric):
    rows = _rows(100, 4)
    rows[77, 2] = value
    with pytest.raises(UserError, match=r"^row 77 holds a value that is infinite or not a number"):
        list(distance_blocks(rows[:3], rows, metric, block=10))
    with pytest.raises(UserError, match=r"^query 77 holds"):
        distances(rows, rows[:3], metric)


@pytest.mark.parametrize(
    ("queries", "rows", "told"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), "queries of 3 values, rows of 4"),
        (np.ones(3), np.ones((2, 3)), "queries of shape (3,)"),
        (np.ones((2, 3)), np.ones((2, 3, 1)), "rows of shape (2, 3, 1)"),
        (np.ones((2, 0)), np.ones((2, 0)), "queries of shape (2, 0)"),
        (np.ones((2, 3), complex), np.ones((2, 3)), "queries of complex128"),
        (np.array([["a"]]), np.ones((2, 1)), "queries of <U1"),
    ],
)
def test_tables_that_do_not_fit_are_refused(queries, rows, told):
    with pytest.raises(UserError) as caught:
        distances(queries, rows)
    assert str(caught.value).startswith(told)


def test_nothing_gives_nothing():
    assert distances(np.ones((0, 3)), np.ones((4, 3))).shape == (0, 4)
    assert distances(np.ones((4, 3)), np.ones((0, 3))).shape == (4, 0)


def test_the_caller_may_still_write_to_the_rows():
    rows = _rows(4, 3)
    distances(rows, rows)
    rows[0, 0] = 1
