"""Inputs named by the nearest of the trained and the enrolled classes, or called unknown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.errors import UserError
from mycaffe_py.trained.carried_enrollments import Carried, open_enrollments
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.enrollment import UNKNOWN
from mycaffe_py.trained.kept_threshold import KeptThreshold
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.open_space import enrolled_limit, hardly_nearer
from mycaffe_py.trained.snapshot import Snapshot
from mycaffe_py.trained.strangeness import DISTANCE, Strangeness


@dataclass(frozen=True)
class Identified:
    """What one input was taken for.

    `ranking` holds (label, squared distance) of every class, the nearest first. `enrolled` says
    that the nearest class was enrolled, not trained, and `limit` how far it reaches. `rival` is a
    trained class that is hardly farther away, so that the enrolled one does not count. Where
    another score than the distance judges trained classes, `strange` is what it gives, and
    `strange_limit` how much may be.
    """

    ranking: tuple[tuple[str, float], ...]
    limit: float
    enrolled: bool
    rival: tuple[str, float] | None = None
    strange: float | None = None
    strange_limit: float = math.inf

    @property
    def unknown(self) -> bool:
        """Whether it belongs to no class, not even to the nearest."""
        if self.strange is not None:
            return self.strange > self.strange_limit
        return self.distance > self.limit or self.rival is not None

    @property
    def nearest(self) -> str:
        """The class at the smallest distance."""
        return self.ranking[0][0]

    @property
    def distance(self) -> float:
        """Squared distance to the nearest class."""
        return self.ranking[0][1]

    @property
    def label(self) -> str:
        """The answer: the nearest class, or "unknown"."""
        return UNKNOWN if self.unknown else self.nearest


class KnownClasses:
    """All classes that a snapshot can name: the trained ones, and those enrolled beside it.

    Beyond the threshold an input is unknown. Where the threshold has a floor, enrolled classes
    have limits of their own (trained/open_space.py). A class that is both trained and enrolled
    lies at the smaller of its two distances. Inputs are (C, H, W) as those of `like`, before the
    net's transform. `limits` tells how far each enrolled class reaches.
    """

    def __init__(
        self, snapshot: Snapshot, like: ArraySource, threshold: KeptThreshold, batch: int = 1
    ) -> None:
        """Open the classes for `batch` inputs at a time. Errors: enrollments that do not fit."""
        self.threshold = threshold
        self.map = ClassMap(snapshot, like, batch)
        self.carried = open_enrollments(snapshot, self.map)
        self.trained = trained_names(snapshot, self.map)
        self.limits = _limits(self.carried, self.map, threshold)
        by_distance = threshold.score == DISTANCE
        self._strangeness = None if by_distance else strangeness_of(threshold, snapshot, self.map)

    def identify(self, images: Images) -> list[Identified]:
        """Name each of `images` (n, C, H, W)."""
        if self._strangeness is not None:
            return self.identify_encodings(self.map.embed(images), lambda: images)
        learned = self.map.trained_distances(images)
        added = self.map.enrolled_distances(images, self.carried.enrollments)
        return self._named(learned, added)

    def identify_encodings(
        self, encodings: FeatureRows, inputs: Callable[[], Images]
    ) -> list[Identified]:
        """Name each of the inputs whose `encodings` (n, D) are those of `ClassMap.embed`.

        `inputs` gives them, (n, C, H, W), for a score that looks at them.
        """
        learned = self.map.trained_distances_of(encodings)
        added = self.map.enrolled_distances_of(encodings, self.carried.enrollments)
        named = self._named(learned, added)
        if self._strangeness is None or not named:
            return named
        strange = self._strangeness.of(encodings, inputs).min(axis=1).tolist()
        limit = self.threshold.score_limit
        return [
            one if one.enrolled else replace(one, strange=value, strange_limit=limit)
            for one, value in zip(named, strange, strict=True)
        ]

    def _named(self, learned: FeatureRows, added: FeatureRows) -> list[Identified]:
        """The answers by the distances to trained (n, L) and to enrolled (n, E) classes."""
        labels = self.carried.enrollments.labels
        return [
            self._one(
                dict(zip(self.trained, near, strict=True)), dict(zip(labels, new, strict=True))
            )
            for near, new in zip(learned.tolist(), added.tolist(), strict=True)
        ]

    def _one(self, learned: dict[str, float], enrolled: dict[str, float]) -> Identified:
        ranking = _ranked(learned, enrolled)
        name, distance = ranking[0]
        by_example = name not in learned or enrolled.get(name, np.inf) < learned[name]
        limit = self.limits[name] if by_example else self.threshold.value
        has_floor = self.threshold.floor is not None
        own_rule = by_example and has_floor and distance > self.threshold.value
        rival = _rival(name, distance, learned) if own_rule else None
        return Identified(ranking, limit, by_example, rival)


def strangeness_of(threshold: KeptThreshold, snapshot: Snapshot, classes: ClassMap) -> Strangeness:
    """The score that trained classes are judged by.

    Errors: it was measured with other training items than can be had.
    """
    found = Strangeness(threshold.score, snapshot, classes)
    if found.fingerprint != threshold.items:
        raise UserError(
            f"the threshold of the score '{threshold.score}' was measured with features of other "
            "training items",
            do="'mycaffe threshold' finds one for these.",
        )
    return found


def trained_names(snapshot: Snapshot, classes: ClassMap) -> list[str]:
    """The names of the trained classes; their numbers where no names are known."""
    names = label_names(snapshot)
    return [names.get(label, str(label)) for label in classes.labels.tolist()]


def _limits(used: Carried, classes: ClassMap, threshold: KeptThreshold) -> dict[str, float]:
    """How far each enrolled class reaches: without a floor as far as the trained ones."""
    enrolled = used.enrollments.classes
    floor = threshold.floor
    if floor is None:
        return dict.fromkeys(enrolled, threshold.value)
    return {
        name: enrolled_limit(
            floor, np.stack([example.embedding for example in own]), classes.centroids
        )
        for name, own in enrolled.items()
    }


def _ranked(learned: dict[str, float], enrolled: dict[str, float]) -> tuple[tuple[str, float], ...]:
    both = learned | {
        name: min(distance, learned.get(name, distance)) for name, distance in enrolled.items()
    }
    return tuple(sorted(both.items(), key=_distance))


def _rival(name: str, distance: float, learned: dict[str, float]) -> tuple[str, float] | None:
    """The nearest other trained class, where it is hardly farther away than `distance`."""
    others = [pair for pair in learned.items() if pair[0] != name]
    near = min(others, key=_distance, default=None)
    return near if near is not None and hardly_nearer(distance, near[1]) else None


def _distance(pair: tuple[str, float]) -> float:
    return pair[1]
