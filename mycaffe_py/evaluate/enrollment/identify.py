"""The report of `mycaffe identify`: files named by the nearest class, or called unknown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.figures import distance_text
from mycaffe_py.files.read_each import Unread, from_first_read, read_each
from mycaffe_py.printable import one_line
from mycaffe_py.trained.carried_enrollments import Carried
from mycaffe_py.trained.enrollment import Enrollments
from mycaffe_py.trained.identify import Identified, KnownClasses
from mycaffe_py.trained.inputs import input_like, read_input
from mycaffe_py.trained.kept_threshold import KeptThreshold
from mycaffe_py.trained.snapshot import Snapshot


@dataclass(frozen=True)
class IdentifiedFile(Identified):
    """What one file was taken for, and what had to be `done` to it to read it."""

    path: Path = Path()
    done: tuple[str, ...] = ()

    def lines(self, enrolled: Sequence[str]) -> list[str]:
        """For people: the answer, and a line for each class; `enrolled` are marked."""
        done = f" ({', '.join(self.done)})" if self.done else ""
        width = max(5, *(len(name) for name, _ in self.ranking))
        rows = [
            f"  {name:>{width}}  {distance_text(value)}{'  enrolled' if name in enrolled else ''}"
            for name, value in self.ranking
        ]
        head = f"{self.path}: {self.label}{self._why()}{done}"
        return [one_line(line) for line in (head, f"  {'label':>{width}}  distance", *rows)]

    def _why(self) -> str:
        """Why it is unknown; "" where it is not."""
        if self.strange is not None:
            strange, limit = distance_text(self.strange), distance_text(self.strange_limit)
            return f", its score {strange} is beyond {limit}" if self.unknown else ""
        found = f", {distance_text(self.distance)} from {self.nearest} is"
        if self.distance > self.limit:
            return f"{found} beyond {distance_text(self.limit)}"
        if self.rival is not None:
            name, distance = self.rival
            return (
                f"{found} hardly nearer than {distance_text(distance)} from {name}, "
                "which was trained"
            )
        return ""


def score_json(one: Identified) -> dict[str, Any]:
    """For machines: what a score other than the distance says; nothing where there is none."""
    if one.strange is None:
        return {}
    return {"score": one.strange, "score_limit": one.strange_limit}


@dataclass(frozen=True)
class Identification:
    """One answer for each file that could be read, and the enrollments that took part."""

    snapshot: Snapshot
    threshold: KeptThreshold
    found: tuple[IdentifiedFile, ...]
    enrollments: Carried
    unread: tuple[Unread, ...] = ()

    def as_json(self) -> list[dict[str, Any]]:
        """For machines: an object for each file, those that could not be read at the end."""
        told = [self._json(one) for one in self.found]
        errors = [{"file": str(one.path), "error": str(one.error)} for one in self.unread]
        return [*told, *errors]

    def _json(self, one: IdentifiedFile) -> dict[str, Any]:
        return {
            "file": str(one.path),
            "label": one.label,
            "distance": one.distance,
            "unknown": one.unknown,
            "nearest": one.nearest,
            "enrolled": one.enrolled,
            "distances": dict(one.ranking),
            "threshold": one.limit if math.isfinite(one.limit) else None,
            "threshold_from": self.threshold.origin,
            **score_json(one),
            "enrolled_classes": self.enrollments.enrollments.labels,
            "enrolments_from": self.enrollments.note,
            "done": list(one.done),
            "snapshot": str(self.snapshot.files.weights),
        }

    def lines(self) -> list[str]:
        """For people."""
        limit, labels = self.threshold, self.enrollments.enrollments.labels
        told = [str(self.snapshot.files.weights), limit.origin]
        if labels and limit.floor is not None:
            floor = distance_text(limit.floor)
            told.append(f"enrolled classes: {floor}, or as far as open space allows")
        if limit.saturated:
            told.append("Warning: the features have saturated; 'mycaffe threshold' says more")
        if self.enrollments.note:
            told.append(f"enrollments {self.enrollments.note}")
        for one in self.found:
            told += ["", *one.lines(labels)]
        return told


def identify(
    snapshot: Snapshot,
    paths: Sequence[Path],
    threshold: KeptThreshold,
    asked: Asked | None = None,
) -> Identification:
    """Name every file of `paths`; beyond the threshold it is unknown (`KnownClasses` says more).

    Pictures are read as those the net learned, or as `asked`.
    Errors: enrollments that cannot be used. Files that cannot be read are told in the report.
    """
    like = input_like(snapshot, asked)
    unread, given = from_first_read(read_each(paths, lambda path: read_input(path, like)))
    if given is None:
        none = Carried(Enrollments("", snapshot.files.weights.name))
        return Identification(snapshot, threshold, (), none, tuple(unread))
    classes = KnownClasses(snapshot, like, threshold)
    found = []
    for path, one in given:
        if isinstance(one, Unread):
            unread.append(one)
            continue
        (answer,) = classes.identify(one.array[np.newaxis])
        found.append(IdentifiedFile(**vars(answer), path=path, done=one.done))
    return Identification(snapshot, threshold, tuple(found), classes.carried, tuple(unread))
