"""How well known classes and foreign items are told apart: AUROC, open-set F1, accuracy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.plural import plural
from mycaffe_py.evaluate.threshold.roc import roc

# The answer to an item that is taken for unknown, and the true label of foreign ones.
UNKNOWN = -1


@dataclass(frozen=True)
class OpenSet:
    """Of `known` items of trained classes and `foreign` ones of classes never trained.

    `auroc` is the chance that a foreign item lies farther from the classes than a known one, ties
    counting half: the area under the curve of Fawcett, An introduction to ROC analysis, 2006, which
    no threshold changes. `f1` is the mean, over the L trained classes and "unknown" as one more, of

        F1 = 2 TP / (2 TP + FP + FN)

    with the answers at the threshold: the macro F1 of Yoshihashi and others, Classification-
    Reconstruction Learning for Open-Set Recognition, 2019. A class without an item or an answer
    does not count. `accuracy` is the share of known items whose nearest class is their own,
    whatever the threshold. What was not measurable is nan.
    """

    known: int
    foreign: int
    auroc: float
    f1: float
    accuracy: float

    def lines(self) -> list[str]:
        """For people."""
        answers = (
            "not measured, as there is no threshold: 'mycaffe threshold' finds one"
            if math.isnan(self.f1)
            else f"{self.f1:.4f} (mean over the classes and unknown, at the threshold)"
        )
        return [
            f"open set, {self.known:,} known and {self.foreign:,} foreign "
            f"{plural(self.foreign, 'item')}: area under the curve (AUROC) {self.auroc:.4f}",
            f"open-set F1 {answers}; closed-set accuracy {100 * self.accuracy:.2f} %",
        ]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "known": self.known,
            "foreign": self.foreign,
            "auroc": self.auroc,
            "f1": None if math.isnan(self.f1) else self.f1,
            "closed_set_accuracy": self.accuracy,
        }


def open_set(
    near: NDArray[np.float64],
    answers: NDArray[np.int64],
    labels: NDArray[np.int64],
    strange: NDArray[np.float64],
    strange_answers: NDArray[np.int64],
    threshold: float,
) -> OpenSet:
    """The figures at a `threshold`, inf where there is none.

    `near` (n,): how far known items with these `labels` (n,) lie from the class that is their
    answer, `answers` (n,). `strange` (k,) and `strange_answers` (k,): the same of foreign items.
    """
    truth = np.concatenate([labels, np.full(len(strange), UNKNOWN)])
    far = np.concatenate([near, strange]) > threshold
    given = np.where(far, UNKNOWN, np.concatenate([answers, strange_answers]))
    return OpenSet(
        len(near),
        len(strange),
        roc(near, strange).auc,
        math.nan if math.isinf(threshold) else macro_f1(truth, given),
        float((answers == labels).mean()) if len(labels) else math.nan,
    )


def macro_f1(truth: NDArray[np.int64], given: NDArray[np.int64]) -> float:
    """The mean F1 of all classes in `truth` (n,) or `given` (n,); nan without items."""
    shares = []
    for label in np.union1d(truth, given).tolist():
        hits = int(((truth == label) & (given == label)).sum())
        errors = int(((truth == label) != (given == label)).sum())
        shares.append(2 * hits / (2 * hits + errors))
    return float(np.mean(shares)) if shares else math.nan
