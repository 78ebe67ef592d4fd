import math

import numpy as np
import pytest

from mycaffe_py.evaluate.scores import score

TRUTH = np.array([0, 0, 1, 1, 1, 2], np.int64)
DISTANCES = np.array(
    [[0.1, 0.9, 0.5], [0.8, 0.2, 0.9], [0.9, 0.1, 0.5], [0.6, 0.1, 0.5], [0.9, 0.1, 0.2],
     [0.5, 0.5, 0.5]],
    np.float32,
)  # fmt: skip


def test_counts() -> None:
    scores = score(DISTANCES, TRUTH)
    assert scores.n == 6
    assert scores.answers.tolist() == [0, 1, 1, 1, 1, 0]
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.confusion.tolist() == [[1, 1, 0], [0, 3, 0], [1, 0, 0]]
    assert scores.wrong.tolist() == [1, 5]


def test_per_label_with_its_n() -> None:
    zero, one, two = score(DISTANCES, TRUTH).labels
    assert (zero.n, zero.correct, zero.accuracy) == (2, 1, 0.5)
    assert (one.n, one.accuracy) == (3, 1.0)
    assert (two.n, two.accuracy) == (1, 0.0)


def test_nearest_wrong_is_there_even_without_mistakes() -> None:
    one = score(DISTANCES, TRUTH).labels[1]
    assert (one.nearest_wrong, one.nearest_wrong_n) == (2, 3)


def test_nothing_measured_is_nan_not_zero() -> None:
    scores = score(np.zeros((0, 3), np.float32), np.zeros(0, np.int64))
    assert scores.n == 0
    assert math.isnan(scores.accuracy)
    assert math.isnan(scores.labels[0].accuracy)
    assert scores.labels[0].nearest_wrong is None


def test_a_label_the_net_never_saw_is_a_mistake() -> None:
    scores = score(np.array([[0.1, 0.2]], np.float32), np.array([4]))
    assert scores.accuracy == 0
    assert scores.confusion.shape == (5, 5)
    assert scores.confusion[4, 0] == 1
