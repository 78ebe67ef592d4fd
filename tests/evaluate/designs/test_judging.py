import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.evaluate.designs.judging import (
    best_threshold,
    judge,
    learned_accuracy,
    pair_auc,
    set_exam,
)
from mycaffe_py.evaluate.designs.pairs import draw
from mycaffe_py.evaluate.designs.parts import split
from tests.evaluate.designs.tables import clouds, write_table

SCORED = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=30)


@given(SCORED)
def test_no_threshold_is_right_more_often(pairs) -> None:
    scores = np.array([float(score) for score, _ in pairs])
    same = np.array([flag for _, flag in pairs])
    chosen = best_threshold(scores, same)
    tried = [-math.inf, math.inf, *scores, *(scores + 0.5), *(scores - 0.5)]
    right = [((scores >= one) == same).sum() for one in tried]
    assert ((scores >= chosen) == same).sum() == max(right)


def test_the_threshold_lies_halfway() -> None:
    assert best_threshold(np.array([1.0, 2.0, 5.0, 6.0]), np.array([0, 0, 1, 1]) > 0) == 3.5


def _exam():
    source = write_table()
    return set_exam(source.labels, split(source, "item"))


def test_who_knows_the_labels_has_full_marks() -> None:
    exam = _exam()
    found = judge(lambda a, b: (exam.labels[a] == exam.labels[b]).astype(float), exam)
    assert (found.accuracy, found.auc, found.eer, found.recall_at_1) == (1, 1, 0, 1)
    assert (found.pairs, found.queries) == (10_000, 24)


def test_who_knows_nothing_guesses() -> None:
    exam = _exam()
    found = judge(lambda a, b: np.zeros(len(a)), exam)
    assert (found.accuracy, found.auc, found.eer) == (0.5, 0.5, 0.5)


def test_the_threshold_comes_from_other_pairs_than_the_accuracy() -> None:
    exam = _exam()
    tuning = set(exam.tune.anchor.tolist())

    def score(a, b):
        """Right everywhere, but shifted by 10 on the pairs to tune by."""
        same = (exam.labels[a] == exam.labels[b]).astype(float)
        return same + (10 if a[0] in tuning else 0)

    found = judge(score, exam)
    assert found.threshold == 10.5
    assert (found.accuracy, found.auc) == (0.5, 1)


def test_auc_and_recall_are_those_of_slow_loops() -> None:
    features, labels = clouds(spread=1.2)
    source = write_table(spread=1.2)
    exam = set_exam(source.labels, split(source, "item"))

    def score(a, b):
        return -np.abs(features[a] - features[b]).sum(axis=1).astype(float)

    found = judge(score, exam)
    right = 0
    for query in exam.queries:
        every = [score(np.array([query]), np.array([other]))[0] for other in exam.gallery]
        right += labels[exam.gallery[int(np.argmax(every))]] == labels[query]
    assert found.recall_at_1 == pytest.approx(right / len(exam.queries))
    first, second, same = exam.judge.pairs()
    scores = score(first, second)
    near, far = scores[same > 0][:300], scores[same == 0][:300]
    slow = np.mean([(a > b) + (a == b) / 2 for a in near for b in far])
    assert found.auc == pytest.approx(slow, abs=0.05)
    assert 0.5 < found.auc < 1
    assert pair_auc(score, exam.judge) == found.auc


def test_no_query_is_of_a_class_the_gallery_lacks() -> None:
    exam = _exam()
    assert np.isin(exam.labels[exam.queries], exam.labels[exam.gallery]).all()
    assert not set(exam.queries) & set(exam.gallery)


def test_recall_is_nan_without_queries() -> None:
    source = write_table()
    parts = split(source, "item")
    exam = set_exam(source.labels, parts)
    empty = type(exam)(exam.labels, exam.tune, exam.judge, exam.queries[:0], exam.gallery)
    found = judge(lambda a, b: np.zeros(len(a)), empty)
    assert math.isnan(found.recall_at_1) and found.queries == 0


def test_pairs_learned_by_heart_are_all_right() -> None:
    """The score knows the pairs it has seen and nothing else."""
    source = write_table()
    parts = split(source, "item", ())
    learn = draw(source.labels, parts.learn, 40, 1, "learn")
    first, second, same = (part.tolist() for part in learn.pairs())
    known = dict(zip(zip(first, second, strict=True), same, strict=True))

    def score(first, second):
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        return np.array([known.get(pair, 0.0) for pair in pairs], float)

    assert learned_accuracy(score, 0.5, learn) == 1
    other = draw(source.labels, parts.judge, 40, 1, "judge")
    assert learned_accuracy(score, 0.5, other) == 0.5
