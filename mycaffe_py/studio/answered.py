"""What a snapshot answered, item by item, read from the file that `test-many --record` keeps."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.source import open_head
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.answers import Answers, read_every
from mycaffe_py.evaluate.scores import Scores, score
from mycaffe_py.snapshot.names import ANSWERS, SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.trained.learned_labels import learned_of


@dataclass(frozen=True, eq=False)
class Answered:
    """The `answers` of a snapshot on one source; `truth` (n,) counts classes as columns do."""

    files: SnapshotFiles
    card: RunCard
    answers: Answers
    scores: Scores
    truth: NDArray[np.int64]
    names: dict[int, str]

    def name(self, column: int) -> str:
        """What the class of a column of distances is called."""
        label = int(self.answers.classes[column])
        return self.names.get(label, str(label))

    @property
    def stand_in_for(self) -> str:
        """The source that could not be had when this one was used, or ""."""
        found = [d.stand_in_for for d in self.card.datasets if d.source == self.answers.source]
        return next((name for name in found if name), "")

    @property
    def trained_on(self) -> bool:
        """Whether the net learned from the source it was measured on."""
        learned = (d.source for d in self.card.datasets if d.phase == "TRAIN")
        return self.answers.source in learned

    @property
    def outdated(self) -> bool:
        """Whether the weights were written after the answers."""
        with suppress(OSError):
            kept = self.files.with_ending(ANSWERS).stat().st_mtime
            return self.files.weights.stat().st_mtime > kept
        return False

    def items(self, truth: int | None, answer: int | None, wrong: bool) -> NDArray[np.int64]:
        """Positions of the items of a cell of the confusion, the hardest first.

        Hard is an item that lies far from its own class, and near to another one.
        """
        chosen = np.ones(len(self.truth), bool)
        if truth is not None:
            chosen &= self.truth == truth
        if answer is not None:
            chosen &= self.scores.answers == answer
        if wrong:
            chosen &= self.truth != self.scores.answers
        places = np.flatnonzero(chosen)
        own, rival, _ = self.gaps(places)
        return places[np.argsort(rival - own, kind="stable")]

    def gaps(
        self, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Of items: the distance to their own class, to the nearest other one, and which it is."""
        distances = self.answers.distances[places].astype(np.float64)
        rows = np.arange(len(places))
        own = distances[rows, self.truth[places]]
        distances[rows, self.truth[places]] = math.inf
        nearest = distances.argmin(axis=1) if len(places) else np.empty(0, np.int64)
        return own, distances[rows, nearest], nearest


def sources_of(files: SnapshotFiles) -> list[str]:
    """The sources with answers kept beside a snapshot."""
    return [one.source for one in _every(files)]


def answered(files: SnapshotFiles, source: str = "") -> Answered:
    """The answers on `source`, on the last one measured for "".

    Errors: none are kept, the file is damaged.
    """
    every = {one.source: one for one in _every(files)}
    if not every or (source and source not in every):
        raise UserError(
            f"no answers{f' on {source}' if source else ''} are kept beside {files.weights.name}",
            do="Press Test Many.",
        )
    answers = every[source] if source else list(every.values())[-1]
    if not np.isin(answers.labels, answers.classes).all():
        raise UserError("the answers kept are of other classes", do="Press Test Many.")
    card = RunCard.read(files.card)
    truth = np.searchsorted(answers.classes, answers.labels)
    return Answered(
        files, card, answers, score(answers.distances, truth), truth, _names(card, answers.source)
    )


def _every(files: SnapshotFiles) -> list[Answers]:
    path = files.with_ending(ANSWERS)
    try:
        found = path.stat()
    except OSError:
        return []
    return _read(files, path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _read(files: SnapshotFiles, path: Path, changed: int, size: int) -> list[Answers]:
    return read_every(files)


def _names(card: RunCard, source: str) -> dict[int, str]:
    """Names of the learned classes, those of the source where the card has none."""
    learned = learned_of(card)
    if learned is not None and learned.label_names:
        return dict(learned.label_names)
    with suppress(MyCaffeError):
        return dict(open_head(source, notify=_silent).label_names)
    return {}


def _silent(text: str) -> None:
    """What is remarked on a terminal has no place on a page."""
