"""From scores of items to accuracy, per label, with a confusion matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelScore:
    """How the `n` items of one label fared.

    `nearest_wrong` is the label that most of the wrong ones (`nearest_wrong_n`) were taken for;
    where none is wrong, the one that most of them come closest to besides their own. None where
    there is no other label or no item.
    """

    label: int
    n: int
    correct: int
    nearest_wrong: int | None
    nearest_wrong_n: int

    @property
    def accuracy(self) -> float:
        """Share of right answers; nan without items."""
        return self.correct / self.n if self.n else math.nan


@dataclass(frozen=True)
class Scores:
    """What `n` items of known labels came to. `confusion` (L, L): rows are true, columns answered.

    `wrong` are the positions of the mistakes among the items, `answers` (n,) the labels given.
    """

    labels: tuple[LabelScore, ...]
    confusion: NDArray[np.int64]
    answers: NDArray[np.int64]
    wrong: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of items."""
        return len(self.answers)

    @property
    def accuracy(self) -> float:
        """Share of right answers; nan without items."""
        return 1 - len(self.wrong) / self.n if self.n else math.nan


def score(distances: NDArray[np.floating], truth: NDArray[np.int64]) -> Scores:
    """Judge `distances` (n, L), smallest is the answer (lowest label on a tie), by `truth` (n,).

    `truth` is each item's own column of `distances`. A label beyond L is one the net has never
    seen: it counts, and is always a mistake.
    """
    items, known = distances.shape
    count = max(known, int(truth.max(initial=-1)) + 1)
    answers = distances.argmin(axis=1).astype(np.int64)
    confusion = np.zeros((count, count), np.int64)
    np.add.at(confusion, (truth, answers), 1)
    rivals = distances.astype(np.float64)
    rows = np.flatnonzero(truth < known)
    rivals[rows, truth[rows]] = np.inf
    second = rivals.argmin(axis=1) if items else answers
    labels = tuple(_label(label, truth, answers, second, known) for label in range(count))
    return Scores(labels, confusion, answers, np.flatnonzero(answers != truth))


def _label(
    label: int,
    truth: NDArray[np.int64],
    answers: NDArray[np.int64],
    second: NDArray[np.int64],
    known: int,
) -> LabelScore:
    mine = truth == label
    n = int(mine.sum())
    wrong = mine & (answers != label)
    correct = n - int(wrong.sum())
    if not n or known < 2:
        return LabelScore(label, n, correct, None, 0)
    taken_for = answers[wrong] if wrong.any() else second[mine]
    rivals = np.bincount(taken_for, minlength=known)
    nearest = int(rivals.argmax())
    return LabelScore(label, n, correct, nearest, int(rivals[nearest]))
