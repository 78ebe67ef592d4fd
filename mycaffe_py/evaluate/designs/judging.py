"""How well scores tell pairs of one class from others, and find the nearest image."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import RowNumbers
from mycaffe_py.evaluate.designs.pairs import Experiments, draw
from mycaffe_py.evaluate.designs.parts import Parts
from mycaffe_py.evaluate.retrieval_marks import recall_at
from mycaffe_py.evaluate.threshold.roc import roc
from mycaffe_py.random_streams import stream

Numbers = NDArray[np.float64]
# How alike each of two images (n,) and (n,) is, larger for more; given their row numbers.
Score = Callable[[RowNumbers, RowNumbers], Numbers]

TUNE_PAIRS, JUDGE_PAIRS = 4_000, 10_000
_GALLERY, _QUERIES = 250, 500


@dataclass(frozen=True)
class Exam:
    """What every design is asked: pairs to tune and to judge by, and queries of a gallery."""

    labels: NDArray[np.int64]
    tune: Experiments
    judge: Experiments
    queries: RowNumbers
    gallery: RowNumbers


@dataclass(frozen=True)
class Marks:
    """What came out. `accuracy`, `auc`, `eer` are of `pairs` pairs; the `threshold` was chosen on
    others. `recall_at_1`: for how many of `queries` images the most alike one of the gallery is of
    their class; nan where no query's class is in the gallery."""

    accuracy: float
    auc: float
    eer: float
    threshold: float
    pairs: int
    recall_at_1: float
    queries: int


def set_exam(labels: NDArray[np.int64], parts: Parts) -> Exam:
    """The exam for `parts` of the table with `labels`; it depends on nothing else."""
    order = stream(0, "designs/gallery").permutation(parts.judge)
    gallery = order[: min(_GALLERY, len(order) // 2)]
    queries = order[len(gallery) : len(gallery) + _QUERIES]
    return Exam(
        labels,
        draw(labels, parts.tune, TUNE_PAIRS // 2, 0, "tune"),
        draw(labels, parts.judge, JUDGE_PAIRS // 2, 0, "judge"),
        queries[np.isin(labels[queries], labels[gallery])],
        gallery,
    )


def pair_auc(score: Score, experiments: Experiments) -> float:
    """Chance that a pair of one class scores higher than one of two, ties counting half."""
    first, second, same = experiments.pairs()
    scores = score(first, second)
    return roc(-scores[same > 0], -scores[same == 0]).auc


def judge(score: Score, exam: Exam) -> Marks:
    """The marks of `score` in the exam."""
    first, second, same = exam.tune.pairs()
    threshold = best_threshold(score(first, second), same > 0)
    first, second, same = exam.judge.pairs()
    scores = score(first, second)
    curve = roc(-scores[same > 0], -scores[same == 0])
    right = float(np.mean((scores >= threshold) == (same > 0)))
    recall = _recall(score, exam)
    return Marks(right, curve.auc, curve.eer, threshold, len(same), recall, len(exam.queries))


def learned_accuracy(score: Score, threshold: float, learn: Experiments) -> float:
    """The share of the pairs learned from, of `JUDGE_PAIRS` at most, on the right side.

    Far above the accuracy of the judged pairs it says that pairs were learned by heart.
    """
    first, second, same = learn.pairs(slice(JUDGE_PAIRS // 2))
    return float(np.mean((score(first, second) >= threshold) == (same > 0)))


def best_threshold(scores: Numbers, same: NDArray[np.bool_]) -> float:
    """The score from which on "same" is right most often: halfway between two neighbours."""
    order = np.argsort(scores, kind="stable")
    values = scores[order]
    # Called "same" from place i on: right are the different ones before and the same ones behind.
    different = np.concatenate([[0], np.cumsum(~same[order])])
    alike = same.sum() - np.concatenate([[0], np.cumsum(same[order])])
    edges = np.concatenate([[-math.inf], values, [math.inf]])
    # Between equal scores there is no place for a threshold.
    right = np.where(edges[1:] > edges[:-1], different + alike, -1)
    place = int(np.argmax(right))
    if place == 0:
        return float(values[0])
    if place == len(values):
        return math.inf
    return float(values[place - 1] + values[place]) / 2


def _recall(score: Score, exam: Exam) -> float:
    """Recall@1 of the queries; NaN where no query's class is in the gallery."""
    if not len(exam.queries):
        return math.nan
    first = np.repeat(exam.queries, len(exam.gallery))
    second = np.tile(exam.gallery, len(exam.queries))
    likeness = score(first, second).reshape(len(exam.queries), len(exam.gallery))
    return recall_at(1, likeness, exam.labels[exam.queries], exam.labels[exam.gallery])
