"""Floor 7. Single files named by the nearest of the trained and the enrolled classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycaffe_py.data.picture_record import Asked
from mycaffe_py.evaluate.class_map import ClassMap
from mycaffe_py.evaluate.enrolment import UNKNOWN
from mycaffe_py.evaluate.enrolment_carry import Carried, open_enrolments
from mycaffe_py.evaluate.enrolment_inputs import input_like, read_input
from mycaffe_py.evaluate.learned_labels import label_names
from mycaffe_py.evaluate.open_space import enrolled_limit, hardly_nearer
from mycaffe_py.evaluate.read_each import Unread, read_each
from mycaffe_py.evaluate.snapshot import Snapshot


@dataclass(frozen=True)
class Identified:
    """What one file was taken for.

    `ranking` holds (label, squared distance) of every class, the nearest first; `enrolled` says
    that the nearest was enrolled, not trained, and `limit` how far it reaches. `rival` is a trained
    class that is hardly farther, so that the enrolled one does not count.
    """

    path: Path
    ranking: tuple[tuple[str, float], ...]
    limit: float
    enrolled: bool
    done: tuple[str, ...]
    rival: tuple[str, float] | None = None

    @property
    def unknown(self) -> bool:
        """Whether it belongs to no class, not even to the nearest."""
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


@dataclass(frozen=True)
class Answers:
    """One answer for each file that could be read, and the enrolments that took part."""

    found: tuple[Identified, ...]
    enrolments: Carried
    unread: tuple[Unread, ...] = ()


def identify(
    snapshot: Snapshot,
    paths: Sequence[Path],
    threshold: float,
    floor: float | None = None,
    asked: Asked | None = None,
) -> Answers:
    """Name every file; beyond `threshold` (squared distance) it is unknown.

    With a `floor` enrolled classes have limits of their own (open_space.py). A class both trained
    and enrolled lies at the smaller of its two distances. Pictures are read as those the net
    learned, or as `asked`.
    Errors: enrolments that cannot be used.
    """
    like = input_like(snapshot, asked)
    classes = ClassMap(snapshot, like, 1)
    carried = open_enrolments(snapshot, classes)
    trained = trained_names(snapshot, classes)
    limits = _limits(carried, classes, threshold, floor)
    found, unread = [], []
    for path, given in read_each(paths, lambda path: read_input(path, like)):
        if isinstance(given, Unread):
            unread.append(given)
            continue
        one = given.array[np.newaxis]
        learned = dict(zip(trained, classes.trained_distances(one)[0].tolist(), strict=True))
        added = classes.enrolled_distances(one, carried.enrolments)[0].tolist()
        enrolled = dict(zip(carried.enrolments.labels, added, strict=True))
        ranking = _ranked(learned, enrolled)
        name, distance = ranking[0]
        by_example = name not in learned or enrolled.get(name, np.inf) < learned[name]
        limit = limits[name] if by_example else threshold
        own_rule = by_example and floor is not None and distance > threshold
        rival = _rival(name, distance, learned) if own_rule else None
        found.append(Identified(path, ranking, limit, by_example, given.done, rival))
    return Answers(tuple(found), carried, tuple(unread))


def _limits(
    used: Carried, classes: ClassMap, threshold: float, floor: float | None
) -> dict[str, float]:
    """How far each enrolled class reaches: without a `floor` as far as trained ones."""
    enrolled = used.enrolments.classes
    if floor is None:
        return dict.fromkeys(enrolled, threshold)
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
    """The nearest other trained class, where it is hardly farther than `distance`."""
    others = [pair for pair in learned.items() if pair[0] != name]
    near = min(others, key=_distance, default=None)
    return near if near is not None and hardly_nearer(distance, near[1]) else None


def trained_names(snapshot: Snapshot, classes: ClassMap) -> list[str]:
    """The names of the trained classes where the data set is at hand; else their numbers."""
    names = label_names(snapshot)
    return [names.get(label, str(label)) for label in classes.labels.tolist()]


def _distance(pair: tuple[str, float]) -> float:
    return pair[1]
