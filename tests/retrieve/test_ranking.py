"""Marks of a ranking against plain loops, on tables made to be awkward."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.ranking import MARK_NAMES, rank
from mycaffe_py.retrieve.table import searched
from tests.reference.retrieval import marks, ranking


def _coarse(n: int, seed: int) -> np.ndarray:
    """Rows with many equal distances."""
    return np.random.default_rng(seed).integers(0, 3, (n, 2)).astype(np.float32)


LABELS = np.random.default_rng(5).integers(-1, 4, 60)
# Rows, and labels with gaps, negative ones, lonely ones.
TABLES = {
    "random": (np.random.default_rng(4).standard_normal((60, 3)).astype(np.float32), LABELS),
    "ties": (_coarse(60, 6), LABELS),
    "all the same": (np.ones((30, 2), np.float32), LABELS[:30]),
    "lonely": (_coarse(8, 7), np.array([3, 3, 900, 3, 7, 7, -5, 3])),
    "all lonely": (_coarse(4, 7), np.arange(4)),
    "one label": (_coarse(12, 8), np.zeros(12, int)),
    "one item": (np.ones((1, 2), np.float32), np.array([3])),
}


# By cosine only where no two rows have one direction: there the reference rounds differently.
ASKED = [(name, "squared") for name in TABLES] + [("random", "cosine")]


@pytest.mark.parametrize(("name", "metric"), ASKED)
def test_each_query_among_the_others(name, metric):
    rows, labels = TABLES[name]
    found = rank(searched(rows, labels), metric)
    for q, row in enumerate(rows):
        right = [labels[other] == labels[q] for _, other in ranking(row, rows, q, metric)]
        assert found.right[q] == sum(right)
        np.testing.assert_allclose(found.marks[q], marks(right), rtol=1e-12)
    assert found.candidates == len(rows) - 1


def test_queries_in_a_gallery_of_other_items():
    rows, gallery = _coarse(20, 9), _coarse(35, 10)
    labels, others = LABELS[:20], np.where(LABELS[:35] == 2, 99, LABELS[:35])
    found = rank(searched(rows, labels, gallery, others))
    for q, row in enumerate(rows):
        right = [others[other] == labels[q] for _, other in ranking(row, gallery)]
        np.testing.assert_allclose(found.marks[q], marks(right), rtol=1e-12)
    assert (found.right[labels == 2] == 0).all()
    assert found.candidates == 35


def test_worked_numbers():
    """Query 0 (label 0) meets, nearest first: wrong, right, wrong, right."""
    rows = np.array([[0], [1], [2], [3], [4]], np.float32)
    found = rank(searched(rows, np.array([0, 1, 0, 1, 0])))
    first = dict(zip(MARK_NAMES, found.marks[0].tolist(), strict=True))
    assert [first[f"recall@{k}"] for k in (1, 2, 4, 8)] == [0, 1, 1, 1]
    assert first["R-precision"] == 1 / 2
    assert first["MAP@R"] == (1 / 2) / 2
    assert first["mAP"] == (1 / 2 + 2 / 4) / 2
    assert first["MRR"] == 1 / 2


def test_a_duplicate_is_no_self_and_counts():
    rows = np.array([[1], [1], [9]], np.float32)
    assert rank(searched(rows, np.array([0, 0, 0]))).marks[:, 0].tolist() == [1, 1, 1]


def test_the_worst_queries_come_first():
    rows = np.array([[0], [1], [10], [11], [0.4], [99]], np.float32)
    found = rank(searched(rows, np.array([0, 0, 1, 1, 1, 2])))
    # Rows 0, 1 and 4 find none of theirs, 2 and 3 one of two; row 5 has nothing to find.
    assert found.worst(4).tolist() == [0, 1, 4, 2]
    assert found.worst(9).tolist() == [0, 1, 4, 2, 3]


def test_no_queries():
    found = rank(searched(np.ones((0, 3)), np.zeros(0, int)))
    assert found.marks.shape == (0, len(MARK_NAMES))
    found = rank(searched(np.ones((2, 3)), np.zeros(2, int), np.ones((0, 3)), np.zeros(0, int)))
    assert math.isnan(found.marks[0, 0]) and found.right.tolist() == [0, 0]


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match=r"^query labels of shape \(3,\).* for 2 rows"):
        searched(np.ones((2, 3)), np.zeros(3, int))
    with pytest.raises(UserError, match="float64 for 2 rows; one whole number a row"):
        searched(np.ones((2, 3)), np.zeros(2))
    with pytest.raises(UserError, match="queries of 3 values, rows of 2"):
        searched(np.ones((2, 3)), np.zeros(2, int), np.ones((1, 2)), np.zeros(1, int))
