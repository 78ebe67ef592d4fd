"""What a threshold is measured on: known items, the same without their class, and strangers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.threshold.open_set import OpenSet, open_set
from mycaffe_py.evaluate.threshold.roc import Share


@dataclass(frozen=True)
class LabelShares:
    """One class: its items called unknown, and caught when the class itself was taken out.

    Of a class never trained (`trained` False) the items are unknown as they are.
    """

    label: int
    trained: bool
    called_unknown: Share
    caught: Share


@dataclass(frozen=True, eq=False)
class Items:
    """The measured items: `known` (n,) of trained classes, and `strangers` (k,) of other ones.

    Both are the smallest scores of all classes (trained/strangeness.py); `left_out` (n,) are the
    smallest but that of an item's own class, none where the net knows one class. `nearest` (n,) and
    `taken_for` (k,) are the labels of the classes that lie nearest.
    """

    known: NDArray[np.float64]
    labels: NDArray[np.int64]
    nearest: NDArray[np.int64]
    left_out: NDArray[np.float64]
    strangers: NDArray[np.float64]
    stranger_labels: NDArray[np.int64]
    taken_for: NDArray[np.int64]

    @staticmethod
    def of(
        distances: NDArray[np.float64],
        scores: NDArray[np.float64],
        classes: NDArray[np.int64],
        labels: NDArray[np.int64],
    ) -> Items:
        """Items with these `labels` (m,), by their `distances` and `scores` (m, L) of `classes`."""
        known = np.isin(labels, classes)
        near, others = scores.min(axis=1), scores[known]
        own = np.searchsorted(classes, labels[known])
        nearest = classes[distances.argmin(axis=1)]
        others[np.arange(len(others)), own] = np.inf
        # With one class nothing is left when it is taken out, and nothing can be said.
        left_out = others.min(axis=1) if len(classes) > 1 else np.empty(0)
        return Items(
            known=near[known],
            labels=labels[known],
            nearest=nearest[known],
            left_out=left_out,
            strangers=near[~known],
            stranger_labels=labels[~known],
            taken_for=nearest[~known],
        )

    def figures(self, threshold: float) -> OpenSet:
        """How well known and never trained are told apart."""
        return open_set(
            self.known, self.nearest, self.labels, self.strangers, self.taken_for, threshold
        )


def share(hits: NDArray[np.bool_]) -> Share:
    """How many of `hits` (n,) are True."""
    return Share(int(hits.sum()), len(hits))


def by_label(items: Items, threshold: float) -> tuple[LabelShares, ...]:
    """Trained classes first; of each class whether its items were called unknown, or caught."""
    alarms, caught = items.known > threshold, items.left_out > threshold
    strange = items.strangers > threshold
    trained = [_of_label(label, items.labels, alarms, caught) for label in np.unique(items.labels)]
    others = [
        LabelShares(int(label), False, Share(0, 0), share(strange[items.stranger_labels == label]))
        for label in np.unique(items.stranger_labels)
    ]
    return (*trained, *others)


def _of_label(
    label: int, labels: NDArray[np.int64], alarms: NDArray[np.bool_], caught: NDArray[np.bool_]
) -> LabelShares:
    mine = labels == label
    return LabelShares(int(label), True, share(alarms[mine]), share(caught[mine[: len(caught)]]))
