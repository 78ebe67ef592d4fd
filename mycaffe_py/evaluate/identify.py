"""Floor 7. Single files named by the nearest of the trained and the enrolled classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycaffe_py.evaluate.class_map import ClassMap
from mycaffe_py.evaluate.enrolment import UNKNOWN
from mycaffe_py.evaluate.enrolment_carry import Carried, open_enrolments
from mycaffe_py.evaluate.enrolment_inputs import input_like, read_input
from mycaffe_py.evaluate.read_each import Unread, read_each
from mycaffe_py.evaluate.recognise import label_names
from mycaffe_py.evaluate.snapshot import Snapshot


@dataclass(frozen=True)
class Identified:
    """What one file was taken for.

    `ranking` holds (label, squared distance) of every class, the nearest first; `unknown` says that
    even that one lies beyond the threshold; `enrolled` that the nearest was enrolled, not trained.
    """

    path: Path
    ranking: tuple[tuple[str, float], ...]
    unknown: bool
    enrolled: bool
    done: tuple[str, ...]

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


def identify(snapshot: Snapshot, paths: Sequence[Path], threshold: float) -> Answers:
    """Name every file; beyond `threshold` (squared distance) it is unknown.

    A class both trained and enrolled lies at the smaller of its two distances.
    Errors: enrolments that cannot be used.
    """
    like = input_like(snapshot)
    classes = ClassMap(snapshot, like, 1)
    carried = open_enrolments(snapshot, classes)
    trained = trained_names(snapshot, classes)
    found, unread = [], []
    for path, given in read_each(paths, lambda path: read_input(path, like)):
        if isinstance(given, Unread):
            unread.append(given)
            continue
        one = given.array[np.newaxis]
        learned = dict(zip(trained, classes.trained_distances(one)[0].tolist(), strict=True))
        added = classes.enrolled_distances(one, carried.enrolments)[0].tolist()
        enrolled = dict(zip(carried.enrolments.labels, added, strict=True))
        both = learned | {
            name: min(distance, learned.get(name, distance)) for name, distance in enrolled.items()
        }
        ranking = tuple(sorted(both.items(), key=_distance))
        name, distance = ranking[0]
        by_example = name not in learned or enrolled.get(name, np.inf) < learned[name]
        found.append(Identified(path, ranking, distance > threshold, by_example, given.done))
    return Answers(tuple(found), carried, tuple(unread))


def trained_names(snapshot: Snapshot, classes: ClassMap) -> list[str]:
    """The names of the trained classes where the data set is at hand; else their numbers."""
    names = label_names(snapshot)
    return [names.get(label, str(label)) for label in classes.labels.tolist()]


def _distance(pair: tuple[str, float]) -> float:
    return pair[1]
