"""The report of `mycaffe test`: what single pictures are taken for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.pictures.picture_record import Asked, PictureRecord
from mycaffe_py.figures import distance_text
from mycaffe_py.files.read_each import Unread, from_first_read, read_each
from mycaffe_py.printable import one_line
from mycaffe_py.trained.learned_labels import answerable, label_names
from mycaffe_py.trained.pictures_like import pictures_like
from mycaffe_py.trained.read_picture import read_picture
from mycaffe_py.trained.run_net import RunNet, not_finite
from mycaffe_py.trained.snapshot import Snapshot


@dataclass(frozen=True)
class PictureAnswer:
    """What one picture was taken for: (label name, value) from the best to the worst.

    `measure` says what the values are: squared "distance", smallest first, or "score", largest
    first. `done` tells what had to be done to the picture.
    """

    path: Path
    measure: str
    ranking: tuple[tuple[str, float], ...]
    done: tuple[str, ...]

    def lines(self) -> list[str]:
        """For people: the answer, and a line for each label."""
        done = f" ({', '.join(self.done)})" if self.done else ""
        head = [f"{self.path}: {self.ranking[0][0]}{done}", f"  label  {self.measure}"]
        rows = [f"  {name:>5}  {distance_text(value)}" for name, value in self.ranking]
        return [one_line(line) for line in (*head, *rows)]


@dataclass(frozen=True)
class PictureAnswers:
    """An answer for each picture, in the order they were named, or why it could not be read."""

    snapshot: Snapshot
    found: tuple[PictureAnswer | Unread, ...]

    @property
    def unread(self) -> list[Unread]:
        """Those that could not be read."""
        return [one for one in self.found if isinstance(one, Unread)]

    def as_json(self) -> list[dict[str, Any]]:
        """For machines: an object for each picture."""
        return [self._json(one) for one in self.found]

    def _json(self, one: PictureAnswer | Unread) -> dict[str, Any]:
        weights = str(self.snapshot.files.weights)
        if isinstance(one, Unread):
            return {"image": str(one.path), "error": str(one.error), "snapshot": weights}
        return {
            "image": str(one.path),
            "label": one.ranking[0][0],
            "done": list(one.done),
            one.measure: dict(one.ranking),
            "snapshot": weights,
        }

    def lines(self) -> list[str]:
        """For people; pictures that could not be read are errors, and told as such elsewhere."""
        told = [str(self.snapshot.files.weights)]
        for one in self.found:
            if not isinstance(one, Unread):
                told += ["", *one.lines()]
        return told


def answer_pictures(
    snapshot: Snapshot, paths: Sequence[Path], asked: Asked | None = None
) -> PictureAnswers:
    """Ask the RUN net for every picture, but those that cannot be read.

    They are read as those the net learned, or as `asked`. Errors: a net that takes no pictures.
    """
    like = pictures_like(snapshot, asked)
    record = PictureRecord.from_json(like.pictures)
    each = read_each(paths, lambda path: read_picture(path, like.shape, record))
    ahead, given = from_first_read(each)
    found: list[PictureAnswer | Unread] = [*ahead]
    if given is None:
        return PictureAnswers(snapshot, tuple(found))
    net = RunNet(snapshot, like, 1)
    names = label_names(snapshot)
    for path, drawn in given:
        if isinstance(drawn, Unread):
            found.append(drawn)
            continue
        distances = net.distances(drawn.pixels[np.newaxis])[0]
        if np.isnan(distances).any():
            raise not_finite(snapshot)
        measure, sign = ("distance", 1.0) if net.by_distance else ("score", -1.0)
        labels = answerable(names, len(distances))
        order = labels[np.argsort(distances[labels], kind="stable")].tolist()
        ranking = tuple((names.get(i, str(i)), sign * float(distances[i])) for i in order)
        found.append(PictureAnswer(path, measure, ranking, drawn.done))
    return PictureAnswers(snapshot, tuple(found))
