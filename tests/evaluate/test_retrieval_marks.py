import math

import numpy as np
import pytest

from mycaffe_py.evaluate.retrieval_marks import recall_at

# Two queries, of classes 1 and 0, against a gallery of the classes 0, 1, 1.
LIKENESS = np.array([[0.9, 0.5, 0.1], [0.2, 0.8, 0.7]])
LABELS, GALLERY = np.array([1, 0]), np.array([0, 1, 1])


@pytest.mark.parametrize(("k", "share"), [(1, 0.0), (2, 0.5), (3, 1.0), (9, 1.0)])
def test_recall_counts_queries_that_find_their_class_among_the_first_k(
    k: int, share: float
) -> None:
    assert recall_at(k, LIKENESS, LABELS, GALLERY) == share


def test_of_equals_the_earlier_item_is_the_nearer_one() -> None:
    assert recall_at(1, np.array([[0.5, 0.5]]), np.array([4]), np.array([4, 5])) == 1
    assert recall_at(1, np.array([[0.5, 0.5]]), np.array([5]), np.array([4, 5])) == 0


def test_without_queries_there_is_no_recall() -> None:
    assert math.isnan(recall_at(1, np.empty((0, 3)), np.empty(0, int), GALLERY))
