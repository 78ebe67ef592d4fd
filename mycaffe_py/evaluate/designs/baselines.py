"""What a design has to beat: the raw cosine, and a linear SVM on |difference|."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import RowNumbers
from mycaffe_py.evaluate.designs.judging import Exam, Score, pair_auc
from mycaffe_py.evaluate.designs.pairs import Experiments
from mycaffe_py.installing import install_extra
from mycaffe_py.layers.base import Array
from mycaffe_py.optional import optional

COSINE, SVM = "raw cosine", "linear SVM"
BASELINES = (COSINE, SVM)

# Pairs at a time: no second table is made in memory.
_ROWS = 1000
# How much a pair on the wrong side costs; the one with the best AUC of the tuning pairs counts.
_STRENGTHS = (0.001, 0.1)
# |difference| of this many pairs of 2048 values takes 164 MB; more hardly change a linear rule.
_MOST_PAIRS = 20_000


@dataclass(frozen=True)
class Baseline:
    """A score, and the number of values it has learned."""

    score: Score
    parameters: int


def make_baseline(name: str, features: Array, learn: Experiments, exam: Exam) -> Baseline:
    """The baseline called `name`, having seen the pairs of `learn` on `features` (n, D).

    Errors: scikit-learn is missing.
    """
    if name == COSINE:
        return Baseline(_cosine(features), 0)
    return Baseline(_svm(features, learn, exam), features.shape[1] + 1)


def has_svm() -> bool:
    """Whether scikit-learn is there."""
    from importlib.util import find_spec

    return find_spec("sklearn") is not None


def baselines_at_hand() -> list[str]:
    """The baselines that can be had here; one that needs a missing library is told."""
    if has_svm():
        return list(BASELINES)
    how = install_extra("baselines")
    print(f"No {SVM} in the table: it needs scikit-learn, {how}", file=sys.stderr)
    return [name for name in BASELINES if name != SVM]


def _cosine(features: Array) -> Score:
    """Cosine of the angle between two features; 0 where one of them is all zeros."""

    def score(first: RowNumbers, second: RowNumbers) -> NDArray[np.float64]:
        found = np.empty(len(first))
        for start in range(0, len(first), _ROWS):
            part = slice(start, start + _ROWS)
            a, b = (features[rows[part]].astype(np.float64) for rows in (first, second))
            lengths = np.sqrt(np.einsum("nd,nd->n", a, a) * np.einsum("nd,nd->n", b, b))
            found[part] = np.einsum("nd,nd->n", a, b) / np.where(lengths > 0, lengths, 1)
        return found

    return score


def _svm(features: Array, learn: Experiments, exam: Exam) -> Score:
    """Weighted sum of |a - b|, each value divided by its spread over the pairs."""
    svm = optional("sklearn.svm", "baselines", "the linear SVM")
    first, second, same = (part[:_MOST_PAIRS] for part in learn.pairs())
    gaps = np.abs(features[first].astype(np.float32) - features[second].astype(np.float32))
    spread = gaps.std(axis=0)
    spread[spread == 0] = 1
    gaps /= spread
    scores = []
    for strength in _STRENGTHS:
        machine = svm.LinearSVC(C=strength, dual=False, tol=1e-3)
        with warnings.catch_warnings():
            # Weights that are not at their optimum to the last digit are weights all the same.
            warnings.filterwarnings("ignore", message="Liblinear failed to converge")
            machine.fit(gaps, same)
        scores.append(_weighted(features, machine, spread))
    return max(scores, key=lambda score: pair_auc(score, exam.tune))


def _weighted(features: Array, machine: Any, spread: NDArray[np.float32]) -> Score:
    weights = machine.coef_[0] / spread
    offset = float(machine.intercept_[0])

    def score(first: RowNumbers, second: RowNumbers) -> NDArray[np.float64]:
        found = np.empty(len(first))
        for start in range(0, len(first), _ROWS):
            part = slice(start, start + _ROWS)
            gaps = features[first[part]].astype(np.float64) - features[second[part]]
            found[part] = np.abs(gaps) @ weights + offset
        return found

    return score
