"""An open snapshot and what it answers to the page where it is tried."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.pictures.picture_record import ALWAYS, PictureRecord
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.enrollment.enroll import Enroller
from mycaffe_py.evaluate.enrollment.identify import IdentifiedFile
from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.snapshot.names import ENROLLED, THRESHOLD
from mycaffe_py.studio.asked.given import GivenFiles
from mycaffe_py.studio.asked.inside import Inside
from mycaffe_py.studio.asked.place import AskedMap
from mycaffe_py.studio.asked.small_pictures import as_data, stretched
from mycaffe_py.studio.asked.way import scores_of, way_of
from mycaffe_py.trained.enrollment_files import beside
from mycaffe_py.trained.identify import Identified, KnownClasses
from mycaffe_py.trained.inputs import InputFile, input_like, stacked
from mycaffe_py.trained.kept_threshold import read
from mycaffe_py.trained.snapshot import open_snapshot

Question = dict[str, Any]
Answer = dict[str, Any]


class OpenedNet:
    """The snapshot `weights`, its classes as `mycaffe identify` knows them, and its map."""

    def __init__(self, weights: Path) -> None:
        """Open it, and let it answer once: the first answer is the slow one."""
        self._snapshot = open_snapshot(weights)
        self._like = input_like(self._snapshot)
        self._files = GivenFiles()
        self._state = self._disk()
        self._known = self._classes()
        self._known.identify(np.zeros((1, *self._like.shape), self._like.dtype))

    def answer(self, do: str, question: Question) -> Answer:
        """The answer to one question. Errors: those of the commands."""
        self._look_again()
        does: dict[str, Callable[[Question], Answer]] = {
            "about": self._about, "map": self._map, "ask": self._ask, "inside": self._inside,
            "enroll": self._enroll, "remove": self._remove,
        }  # fmt: skip
        if do not in does:
            raise UserError("the studio asks nothing like this", do="Reload the page.")
        if question.get("map") is True and "_places" not in vars(self):
            self._see_places()
        return does[do](question)

    def _about(self, question: Question) -> Answer:
        like = self._like
        told: Answer = {
            "weights": self._snapshot.files.weights.name, "shape": list(like.shape),
            "kind": "window" if like.counters else "picture", **self._limits(),
            "classes": self._known.trained, "enrolled": self._enrolled(),
            "way": way_of(self._snapshot, self._known),
        }  # fmt: skip
        if like.counters:
            counters = Counters.from_json(like.counters)
            looks = shown_classes(counters.names)
            told["counters"] = [{"name": one.name, "colour": one.colour} for one in looks]
            return told | {"steps": counters.steps, "step_s": counters.step_s}
        record = PictureRecord.from_json(like.pictures)
        return told | {"reading": record.words(), "light": record.invert == ALWAYS}

    def _limits(self) -> Answer:
        threshold = self._known.threshold
        return {
            "threshold": threshold.value if math.isfinite(threshold.value) else None,
            "threshold_from": threshold.origin, "saturated": threshold.saturated,
            "note": self._known.carried.note,
        }  # fmt: skip

    def _map(self, question: Question) -> Answer:
        return {**self._places.told(), "enrolled": self._enrolled()}

    def _ask(self, question: Question) -> Answer:
        return self._identified(self._given(question))

    def _inside(self, question: Question) -> Answer:
        given = self._given(question)
        return {**self._inner.layers(given.array[np.newaxis]), "filters": self._inner.filters()}

    def _identified(self, given: InputFile) -> Answer:
        images = given.array[np.newaxis]
        (found,) = self._known.identify(images)
        return {
            **_told(found, given), "seen": self._seen(given),
            "scores": scores_of(self._known, images),
            "place": self._placed(self._known.map.net.encodings(images)),
        }  # fmt: skip

    def _see_places(self) -> None:
        """Make the map that the page shows: the process that made it may have ended since."""
        with suppress(MyCaffeError):
            self._map({})

    def _placed(self, encodings: Any) -> list[float] | None:
        """Where it lies on the map, where a page shows the map."""
        if "_places" not in vars(self):
            return None
        return [float(value) for value in self._places.placed(encodings)[0]]

    def _seen(self, given: InputFile) -> str:
        pixels = given.array if given.array.dtype == np.uint8 else stretched(given.array)
        return as_data(np.asarray(pixels, np.uint8))

    def _enroll(self, question: Question) -> Answer:
        given = self._given(question)
        label, force = str(question.get("label", "")), question.get("force") is True
        changed = self._enroller.add_inputs(label, [given], force)
        self._open_again()
        return {"changed": changed.as_json(), "words": changed.lines(), **self._after()}

    def _remove(self, question: Question) -> Answer:
        changed = self._enroller.remove([str(question.get("label", ""))])
        self._open_again()
        return {"changed": changed.as_json(), "words": changed.lines(), **self._after()}

    def _after(self) -> Answer:
        return {"enrolled": self._enrolled(), **self._limits()}

    def _enrolled(self) -> list[Answer]:
        """The enrolled classes, with their limits and their places on the map."""
        carried = self._known.carried
        told: list[Answer] = []
        for label, own in carried.enrollments.classes.items():
            arrays = [carried.inputs[one.key] for one in own if one.key in carried.inputs]
            place = None
            if arrays and "_places" in vars(self):
                rows = self._known.map.net.encodings(stacked(arrays))
                place = self._placed(rows.mean(axis=0, keepdims=True))
            limit = self._known.limits[label]
            told.append(
                {
                    "label": label, "examples": len(own), "place": place,
                    "files": [example.file for example in own[:3]],
                    "limit": limit if math.isfinite(limit) else None,
                }
            )  # fmt: skip
        return told

    def _given(self, question: Question) -> InputFile:
        return self._files.read(question.get("data"), question.get("name"), self._like)

    @cached_property
    def _places(self) -> AskedMap:
        return AskedMap(self._snapshot)

    @cached_property
    def _inner(self) -> Inside:
        return Inside(self._snapshot, self._like)

    @cached_property
    def _enroller(self) -> Enroller:
        return Enroller(self._snapshot, like=self._like)

    def _classes(self) -> KnownClasses:
        return KnownClasses(self._snapshot, self._like, read(self._snapshot))

    def _look_again(self) -> None:
        """Open the classes anew where a command has changed them, or the threshold."""
        if self._disk() != self._state:
            self._open_again()

    def _open_again(self) -> None:
        self._state = self._disk()
        self._known = self._classes()

    def _disk(self) -> list[tuple[int, int] | None]:
        found: list[tuple[int, int] | None] = []
        for ending in (ENROLLED, THRESHOLD):
            try:
                status = beside(self._snapshot.files, ending).stat()
            except FileNotFoundError:
                found.append(None)
            except OSError as error:
                raise MyCaffeError(f"the snapshot cannot be read: {error}") from error
            else:
                found.append((status.st_ino, status.st_mtime_ns))
        return found


def _told(found: Identified, given: InputFile) -> Answer:
    """The figures of `mycaffe identify --json`, and its words."""
    one = IdentifiedFile(**vars(found), path=given.path, done=given.done)
    return {
        "label": one.label, "distance": one.distance, "unknown": one.unknown,
        "nearest": one.nearest, "by_example": one.enrolled, "rival": one.rival,
        "ranking": [[name, value] for name, value in one.ranking],
        "limit": one.limit if math.isfinite(one.limit) else None,
        "strange": one.strange,
        "strange_limit": one.strange_limit if math.isfinite(one.strange_limit) else None,
        "why": one.lines([])[0], "done": list(given.done),
    }  # fmt: skip
