"""The k nearest rows: the same as by sorting everything, whatever the data look like."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.nearest import nearest
from tests.reference.retrieval import ranking


def _random(n: int, d: int) -> np.ndarray:
    return np.random.default_rng(n + d).standard_normal((n, d)).astype(np.float32)


def _near_ties() -> np.ndarray:
    """Rows that differ in the last bit of one value, far from the origin."""
    rows = np.full((60, 5), 1000, np.float32)
    for number in range(60):
        for _ in range(number % 7):
            rows[number, number % 5] = np.nextafter(rows[number, number % 5], np.float32(2000))
    return rows


TABLES = {
    "random": _random(150, 6),
    "wide": _random(70, 130),
    "one value": _random(90, 1),
    "small whole numbers": np.random.default_rng(3).integers(0, 3, (120, 2)).astype(np.float32),
    "all the same": np.ones((80, 3), np.float32),
    "near ties": _near_ties(),
    "one row": _random(1, 4),
}


# By cosine only where no two rows have one direction: there the reference rounds differently.
ASKED = [(name, "squared") for name in TABLES] + [("random", "cosine"), ("wide", "cosine")]


@pytest.mark.parametrize(("name", "metric"), ASKED)
@pytest.mark.parametrize("k", [1, 7, 200])
def test_the_rows_are_those_of_a_full_sort(name, metric, k):
    rows = TABLES[name]
    queries = np.vstack([rows[:4], _random(3, rows.shape[1])])
    found = nearest(queries, rows, k, metric)
    assert found.rows.shape == found.distances.shape == (len(queries), k)
    for number, query in enumerate(queries):
        wanted = ranking(query, rows, metric=metric)[:k]
        here = found.rows[number, : len(wanted)]
        assert here.tolist() == [row for _, row in wanted]
        distances = found.distances[number, : len(wanted)]
        np.testing.assert_allclose(distances, [d for d, _ in wanted], rtol=1e-12, atol=1e-14)


def test_of_equal_distances_the_lower_row_comes_first():
    rows = np.array([[1], [0], [-1], [1], [0]], np.float32)
    assert nearest(np.zeros((1, 1)), rows, 4).rows.tolist() == [[1, 4, 0, 2]]


def test_rows_of_one_direction_are_equally_near_by_cosine():
    rows = np.array([[2, 0], [1, 0], [4, 0], [0, 0], [-1, 0]], np.float32)
    found = nearest(np.array([[8.0, 0.0]]), rows, 5, "cosine")
    assert found.rows.tolist() == [[0, 1, 2, 3, 4]]
    assert found.distances.tolist() == [[0, 0, 0, 1, 2]]


def test_fewer_rows_than_k_leave_places_empty():
    found = nearest(np.zeros((2, 1)), np.array([[2.0], [1.0]]), 4)
    assert found.rows.tolist() == [[1, 0, -1, -1]] * 2
    assert found.distances.tolist() == [[1, 4, np.inf, np.inf]] * 2


def test_no_rows_and_no_queries():
    found = nearest(np.zeros((2, 3)), np.zeros((0, 3)), 2)
    assert found.rows.tolist() == [[-1, -1]] * 2 and np.isinf(found.distances).all()
    assert nearest(np.zeros((0, 3)), np.zeros((5, 3)), 2).rows.shape == (0, 2)


def test_a_query_can_leave_out_itself_even_among_duplicates():
    rows = np.array([[1], [1], [1], [5]], np.float32)
    found = nearest(rows, rows, 3, skip=np.arange(4))
    assert found.rows.tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_same_bits_alone_or_in_company_for_any_block_and_threads(tmp_path):
    np.save(tmp_path / "rows.npy", _random(2000, 24))
    rows = np.load(tmp_path / "rows.npy", mmap_mode="r")
    queries = _random(37, 24)
    wanted = nearest(queries, rows, 9)
    before = numba.get_num_threads()
    try:
        for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(threads)
            for block in (1 + threads, 500, 10_000):
                found = nearest(queries, rows, 9, block=block)
                assert np.array_equal(found.rows, wanted.rows)
                assert np.array_equal(found.distances, wanted.distances)
            alone = [nearest(query[np.newaxis], rows, 9).distances[0] for query in queries]
            assert np.array_equal(alone, wanted.distances)
    finally:
        numba.set_num_threads(before)


def test_more_queries_than_go_together():
    rows = _random(30, 3)
    queries = np.tile(rows, (150, 1))
    found = nearest(queries, rows, 1)
    assert np.array_equal(found.rows[:, 0], np.tile(np.arange(30), 150))


def test_rows_that_are_no_numbers_and_other_widths_are_refused():
    rows = _random(10, 3)
    rows[4] = np.nan
    with pytest.raises(UserError, match=r"^row 4 "):
        nearest(_random(2, 3), rows, 1)
    with pytest.raises(UserError, match=r"^queries of 2 values, rows of 3"):
        nearest(_random(0, 2), rows, 1)
    with pytest.raises(ValueError, match="at least 1"):
        nearest(_random(2, 3), rows, 0)
