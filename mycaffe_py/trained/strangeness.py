"""How strange an input is to the trained classes: scores that say unknown in place of distances.

A class is rarely a ball around its mean. A score looks at the features F of its training items
(trained/class_items.py) and gives each input x a number for each class; beyond a threshold of the
smallest one it is unknown. Answers and their order stay those of the distances.

neighbours:
    mean squared distance of x to the 5 nearest of F. Sun and others, Out-of-Distribution Detection
    with Deep Nearest Neighbors, 2022; here class by class, and the mean instead of the farthest.
gaussian:
    (x - m)' C^-1 (x - m), Mahalanobis' squared distance: m and C are mean and covariance of F, a
    tenth of C being replaced by an equal spread in all directions. Lee and others, A Simple Unified
    Framework for Detecting Out-of-Distribution Samples, 2018, who share C among classes.
whitened:
    as neighbours, by Mahalanobis' distance: near is what is near where the class spreads little.
course:
    looks at the inputs x themselves, windows of counters, past the net (trained/course.py).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.kernels.losses.centroids import nearest_kept_distances
from mycaffe_py.trained.class_items import ClassItems, class_items, class_windows
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.course import Course
from mycaffe_py.trained.snapshot import Snapshot
from mycaffe_py.trained.whitening import Rows, whitening

# The score of which no features are kept: distances to the classes themselves.
DISTANCE = "distance"
# The one that looks at inputs in place of features.
COURSE = "course"
_NEIGHBOURS = 5

_Score = Callable[[FeatureRows], Rows]


class Strangeness:
    """The score `name` of the trained classes of `classes`, the map of `snapshot`."""

    def __init__(self, name: str, snapshot: Snapshot, classes: ClassMap) -> None:
        """Errors: no such score, training items that cannot be had, a class without any."""
        check_score(name)
        self.name = name
        self._classes = classes
        self.fingerprint = ""
        self._scores: list[_Score] = []
        self._courses: list[Course] = []
        if name == DISTANCE:
            return
        graph, like, labels = classes.net.net.graph, classes.like, classes.labels.tolist()
        if name == COURSE:
            _check_windows(like)
            items = class_windows(snapshot, graph)
            own = [_rows(name, items, label).reshape(-1, *like.shape[1:]) for label in labels]
            self._courses = [Course(windows) for windows in own]
        else:
            items = class_items(snapshot, graph)
            self._scores = [_MADE[name](_rows(name, items, label)) for label in labels]
        self.fingerprint = items.fingerprint

    def of(self, encodings: FeatureRows, inputs: Callable[[], Images]) -> Rows:
        """(n, L): for inputs whose `encodings` (n, D) are those of `ClassMap.embed`.

        `inputs` gives them, (n, C, H, W) as the data set has them, for a score that looks at them.
        """
        if self.name == DISTANCE:
            return self._classes.trained_distances_of(encodings).astype(np.float64)
        if self.name == COURSE:
            return self._by_course(inputs())
        return np.stack([score(encodings) for score in self._scores], axis=1)

    def of_images(self, images: Images) -> Rows:
        """(n, L): for inputs `images` (n, C, H, W), as the data set has them."""
        if self.name == COURSE:
            return self._by_course(images)
        return self.of(self._classes.embed(images), lambda: images)

    def _by_course(self, images: Images) -> Rows:
        return np.stack([course.of(images[:, 0]) for course in self._courses], axis=1)


def check_score(name: str) -> None:
    """Errors: there is no score of this name."""
    if name not in SCORES:
        raise UserError(
            f"there is no score '{name}'",
            wanted=f"{', '.join(SCORES)}",
            do=nearest(name, SCORES),
        )


def _rows(name: str, items: ClassItems, label: int) -> FeatureRows:
    rows = items.of(label)
    if not len(rows):
        raise UserError(
            f"class {label} has no training item",
            wanted=f"the score '{name}' is measured by features of such items",
            do=f"Take --score {DISTANCE}.",
        )
    return rows


def _check_windows(like: ArraySource) -> None:
    if like.shape[0] != 1:
        raise UserError(
            f"inputs have {like.shape[0]} channels",
            wanted=f"the score '{COURSE}' looks at windows of counters, of one channel",
        )


def _neighbours(own: FeatureRows) -> _Score:
    kept, count = np.ascontiguousarray(own)[np.newaxis], np.array([len(own)], np.float32)

    def score(rows: FeatureRows) -> Rows:
        found = np.empty((len(rows), 1), np.float32)
        nearest_kept_distances(np.ascontiguousarray(rows), kept, count, _NEIGHBOURS, found)
        return found[:, 0].astype(np.float64)

    return score


def _gaussian(own: FeatureRows) -> _Score:
    white = _white(own)

    def score(more: FeatureRows) -> Rows:
        found: Rows = (white(more) ** 2).sum(axis=1)
        return found

    return score


def _whitened(own: FeatureRows) -> _Score:
    white = _white(own)
    near = _neighbours(white(own).astype(np.float32))
    return lambda rows: near(white(rows).astype(np.float32))


def _white(own: FeatureRows) -> Callable[[FeatureRows], Rows]:
    """As `whitening`, for features as the net gives them."""
    white = whitening(own.astype(np.float64))
    return lambda more: white(more.astype(np.float64))


_MADE: dict[str, Callable[[FeatureRows], _Score]] = {
    "neighbours": _neighbours,
    "gaussian": _gaussian,
    "whitened": _whitened,
}
SCORES = (DISTANCE, *_MADE, COURSE)
