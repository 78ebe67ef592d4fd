"""From which distance on an input is of no known class, measured on held-out items.

Known: items of trained classes, at their distance to the nearest class. Unknown: the same items
with their own class taken out of the map, each class in turn. Items of labels that were never
trained, if the data has any, are unknown as they are and are counted apart.

    threshold = the smallest distance beyond which at most the wished share of known items lies

or, where a false accept rate is wished instead, that of unlike_pairs.py.
It holds for trained classes. Enrolled ones have limits of their own (trained/open_space.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.label_match import class_names
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.threshold.measured_items import Items, LabelShares, by_label, share
from mycaffe_py.evaluate.threshold.open_set import OpenSet
from mycaffe_py.evaluate.threshold.roc import Roc, Share, roc, threshold_for
from mycaffe_py.evaluate.threshold.unlike_pairs import (
    FalseAccepts,
    check_far,
    like_and_unlike,
    threshold_at,
)
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.encodings import batches
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.measured_source import as_learned, foreign_items, none_known
from mycaffe_py.trained.open_space import floor_between, saturated
from mycaffe_py.trained.snapshot import Snapshot
from mycaffe_py.trained.strangeness import DISTANCE, Strangeness

BATCH = 256


@dataclass(frozen=True, eq=False)
class ByDistance:
    """The squared distance that does what the threshold of a score does, and those of the items."""

    threshold: float
    known: NDArray[np.float64]
    left_out: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """What `threshold` of the `score` (trained/strangeness.py) does to the items of `source`.

    `wished` is the share of known items that may be called unknown, nan where a false accept rate
    was wished instead (`false_accepts`); `called_unknown` is what became of it, `caught` of the
    items of left-out classes, `strangers` of those never trained. `right` are the known items that
    get their own name; `trained_on` says that the net learned from the source it is measured on.
    `known` (n,), `left_out` (n,) and `never_trained` (k,) are the scores of the nearest class;
    `figures` tell how well known and never trained are told apart.
    """

    source: ArraySource
    trained_on: bool
    wished: float
    threshold: float
    called_unknown: Share
    right: Share
    caught: Share
    strangers: Share
    labels: tuple[LabelShares, ...]
    curve: Roc
    strangers_curve: Roc
    known: NDArray[np.float64]
    left_out: NDArray[np.float64]
    never_trained: NDArray[np.float64]
    figures: OpenSet
    score: Strangeness
    by_distance: ByDistance
    false_accepts: FalseAccepts | None = None

    @property
    def floor(self) -> float:
        """Under the limits of enrolled classes (trained/open_space.py), as a squared distance."""
        return floor_between(self.by_distance.threshold, self.by_distance.left_out)

    @property
    def saturated(self) -> bool:
        """Whether trained classes have hardly any spread against the distances between them."""
        return saturated(self.by_distance.known, self.by_distance.left_out)


def check_rate(rate: float) -> None:
    """Errors: no share between 0 and 1."""
    if not 0 <= rate < 1:
        raise UserError(
            f"--false-alarms is {rate:g}",
            wanted="a share of the known items: 0 or more and less than 1, 0.01 for 1 %",
        )


def measure(
    snapshot: Snapshot,
    source: ArraySource,
    rate: float,
    far: float | None = None,
    unknown: ArraySource | None = None,
    score: str = DISTANCE,
) -> Measured:
    """Find the threshold for a share `rate` of false alarms among the items of `source`.

    With `far` it is the one that accepts at most this share of the unlike pairs, and `rate` does
    not count. Classes of another data set are those of the net that have the same names. Items of
    `unknown` of other classes are strangers too. `score` is what tells known from unknown.
    Errors: no item of a trained class, inputs that are not like the net's, no unlike pair, nothing
    in `unknown` that the net does not know.
    """
    source, classes = _opened(snapshot, source)
    strangeness = Strangeness(score, snapshot, classes)
    rows = _Rows.of(classes, strangeness, source)
    wish = _Wish(rate, far, len(source))
    if unknown is not None:
        foreign = foreign_items(snapshot, unknown, classes.labels, source.label_names)
        rows = rows.and_those(_Rows.of(classes, strangeness, foreign))
        source = replace(source, label_names=foreign.label_names)
    plain = Items.of(rows.distances, rows.distances, classes.labels, rows.labels)
    items = Items.of(rows.distances, rows.scores, classes.labels, rows.labels)
    limit, _ = wish.threshold(plain, rows.distances, classes.labels, rows.labels)
    found, accepts = wish.threshold(items, rows.scores, classes.labels, rows.labels)
    return Measured(
        source=source,
        trained_on=_trained_on(snapshot, source.name),
        wished=rate if far is None else math.nan,
        threshold=found,
        called_unknown=share(items.known > found),
        right=share((items.nearest == items.labels) & (items.known <= found)),
        caught=share(items.left_out > found),
        strangers=share(items.strangers > found),
        labels=by_label(items, found),
        curve=roc(items.known, items.left_out),
        strangers_curve=roc(items.known, items.strangers),
        known=items.known,
        left_out=items.left_out,
        never_trained=items.strangers,
        figures=items.figures(found),
        score=strangeness,
        by_distance=ByDistance(limit, plain.known, plain.left_out),
        false_accepts=accepts,
    )


@dataclass(frozen=True)
class _Wish:
    """Which threshold is wanted; the unlike pairs for `far` are of the first `count` items."""

    rate: float
    far: float | None
    count: int

    def threshold(
        self,
        items: Items,
        scores: NDArray[np.float64],
        classes: NDArray[np.int64],
        labels: NDArray[np.int64],
    ) -> tuple[float, FalseAccepts | None]:
        """The threshold for the known of `items`, whose `scores` (m, L) are of `classes` (L,)."""
        check_rate(self.rate)
        if self.far is None:
            return threshold_for(items.known, self.rate), None
        check_far(self.far)
        like, unlike = like_and_unlike(scores[: self.count], classes, labels[: self.count])
        found = threshold_at(self.far, like, unlike)
        return found, FalseAccepts(self.far, share(unlike <= found))


def _opened(snapshot: Snapshot, source: ArraySource) -> tuple[ArraySource, ClassMap]:
    """The items as the net learned to number them, and its classes. Errors: none is known."""
    names = label_names(snapshot)
    found = as_learned(snapshot, source, names)
    classes = ClassMap(snapshot, found, min(BATCH, len(found)))
    if not np.isin(found.labels, classes.labels).any():
        raise none_known(snapshot, found, list(class_names(found).values()), names)
    return found, classes


def _trained_on(snapshot: Snapshot, name: str) -> bool:
    cards = snapshot.card.datasets
    return any(card.phase == "TRAIN" and card.source == name for card in cards)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Items with these `labels` (n,): their `distances` and `scores` (n, L) of the classes."""

    distances: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]

    @staticmethod
    def of(classes: ClassMap, score: Strangeness, source: ArraySource) -> _Rows:
        """All items of `source`."""
        images = batches(source, np.arange(len(source)), BATCH)
        if score.name == DISTANCE:
            parts = [classes.trained_distances(part) for part in images]
            distances = np.concatenate(parts).astype(np.float64)
            return _Rows(distances, distances, source.labels)
        found = [_measured(classes, score, part) for part in images]
        distances, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        return _Rows(distances.astype(np.float64), scores, source.labels)

    def and_those(self, more: _Rows) -> _Rows:
        """These, and `more` behind them."""
        return _Rows(
            np.concatenate([self.distances, more.distances]),
            np.concatenate([self.scores, more.scores]),
            np.concatenate([self.labels, more.labels]),
        )


def _measured(
    classes: ClassMap, score: Strangeness, images: Images
) -> tuple[FeatureRows, NDArray[np.float64]]:
    """Their distances to the classes, and their scores, by one run of the net."""
    encodings = classes.embed(images)
    return classes.trained_distances_of(encodings), score.of(encodings, lambda: images)
