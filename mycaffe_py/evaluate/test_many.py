"""Test-many: what a snapshot's RUN net answers for many labelled items."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.label_match import aside_words
from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.confusion import confusion_lines
from mycaffe_py.evaluate.scores import LabelScore, Scores, score
from mycaffe_py.notices import notice
from mycaffe_py.printable import one_line
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.best import Best
from mycaffe_py.solver.team import ALONE, Team, in_turn
from mycaffe_py.trained.best_snapshot import chosen_on
from mycaffe_py.trained.encodings import dealt_rows
from mycaffe_py.trained.learned_labels import answerable, label_names
from mycaffe_py.trained.measured_source import as_learned, none_known
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import Snapshot

BATCH = 256


@dataclass(frozen=True)
class Report:
    """What came out. `records` (n,) are the items' numbers in `source`, in the order scored.

    `labels` (K,) are the classes that the net has learned; `scores` counts them from 0. `told` are
    those of them that `source` has items of, or that were answered. `set_aside` counts the items of
    classes that the net has not learned, by name. `distances` (n, K) are those to the classes.
    `chosen` tells the test that the snapshot was chosen by, where that was on these very items.
    `features` (n, D) are what the net made of the items, where they were asked for.
    """

    snapshot: Snapshot
    source: ArraySource
    records: NDArray[np.int64]
    labels: NDArray[np.int64]
    scores: Scores
    told: list[int]
    set_aside: Mapping[str, int]
    images_per_s: float
    distances: NDArray[np.float32]
    chosen: Best | None = None
    features: NDArray[np.float32] | None = None

    @property
    def stand_in_for(self) -> str:
        """The source that could not be had when this one was used, or ""."""
        return self.source.stand_in_for or ""

    @property
    def answers(self) -> NDArray[np.int64]:
        """(n,): the labels given."""
        found: NDArray[np.int64] = self.labels[self.scores.answers]
        return found

    def as_json(self) -> dict[str, Any]:
        """For machines; what was not measurable is null."""
        return {
            "accuracy": _number(self.scores.accuracy),
            "n": self.scores.n,
            "per_label": {
                self._name(one.label): {
                    "accuracy": _number(one.accuracy),
                    "n": one.n,
                    "nearest_wrong": self._nearest(one),
                }
                for one in self._told
            },
            "confusion": self._confusion.tolist(),
            "images_per_s": round(self.images_per_s, 1),
            "dataset": self.source.name,
            "stand_in": bool(self.stand_in_for),
            "snapshot": str(self.snapshot.files.weights),
            **({"chosen_on_these_items": True} if self.chosen else {}),
            **({"set_aside": dict(self.set_aside)} if self.set_aside else {}),
        }

    def name(self, label: int) -> str:
        """The name of a label, or its number."""
        return self.source.label_names.get(label, str(label))

    def _name(self, number: int) -> str:
        return self.name(int(self.labels[number]))

    @property
    def _told(self) -> list[LabelScore]:
        return [self.scores.labels[number] for number in self.told]

    @property
    def _confusion(self) -> NDArray[np.int64]:
        """(T, T): that of the classes told of; no other has anything but zeros."""
        found: NDArray[np.int64] = self.scores.confusion[np.ix_(self.told, self.told)]
        return found

    def lines(self) -> list[str]:
        """For people."""
        scores, word = self.scores, self.source.word
        head = (
            f"{_percent(scores.accuracy)} of {scores.n:,} {plural(scores.n, 'item')} of "
            f"{self.source.name} recognised, {len(scores.wrong):,} wrong "
            f"({self.images_per_s:,.0f} {word}s/s)"
        )
        if self.chosen is not None:
            best = self.chosen
            head += f"; chosen on these items, by the best {best.output} of {best.tests:,} tests"
        lines = [str(self.snapshot.files.weights), head]
        if self.stand_in_for:
            lines.append(
                f"STAND-IN DATA: {self.source.name} takes the place of {self.stand_in_for}, "
                "which could not be had."
            )
        if self.set_aside:
            aside = aside_words(self.set_aside, word)
            lines.append(f"Set aside, of classes that the net has not learned: {aside}.")
        names = [one_line(self._name(number)) for number in self.told]
        return [*lines, "", *self._label_lines(), "", *confusion_lines(self._confusion, names)]

    def _label_lines(self) -> list[str]:
        """A line for each class that the source has items of."""
        of_source = set(np.unique(self.source.labels).tolist())
        rows = [
            (one_line(self._name(one.label)), one)
            for one in self._told
            if int(self.labels[one.label]) in of_source
        ]
        width = max(len("label"), *(len(name) for name, _ in rows))
        lines = [f"{'label':{width}}  {'items':>6}  {'wrong':>6}  accuracy  nearest wrong label"]
        for name, one in rows:
            wrong = one.n - one.correct
            share = f" ({one.nearest_wrong_n:,} of the {wrong:,} wrong)" if wrong else ""
            lines.append(
                f"{name:{width}}  {one.n:6,}  {wrong:6,}  {_percent(one.accuracy):>8}  "
                f"{one_line(self._nearest(one) or '')}{share}".rstrip()
            )
        return lines

    def _nearest(self, one: LabelScore) -> str | None:
        return None if one.nearest_wrong is None else self._name(one.nearest_wrong)


def test_many(
    snapshot: Snapshot,
    source: ArraySource,
    items: int | None = None,
    *,
    features: bool = False,
    team: Team = ALONE,
) -> Report | None:
    """Ask the RUN net of `snapshot` for `items` items of `source` (all when None).

    Classes are matched by their names, and items of those that the net has not learned are set
    aside. Fewer than all are drawn by chance, the same ones each time. The net is warm before the
    clock runs; pictures are transformed within it. The first process of `team` gets the report; the
    others run the net, too.
    Errors: no item of a class it has learned, fewer items than asked for.
    """
    names = label_names(snapshot)
    if not names:
        print("The labels of the net have no names: they are matched by number.", file=sys.stderr)
    if snapshot.card.datasets:
        source = as_learned(snapshot, source, names)
    net = in_turn(team, lambda: RunNet(snapshot, source, min(BATCH, len(source))))
    answers = answerable(names, net.distances(source.gather(np.arange(1))).shape[1])
    known = np.isin(source.labels, answers)
    set_aside = _by_name(source, source.labels[~known])
    if not known.any():
        raise none_known(snapshot, source, list(set_aside), names)
    records = _drawn(snapshot, source, np.flatnonzero(known), items)
    start_s = time.perf_counter()
    distances = dealt_rows(net.distances, net.batch, source, records, team)
    pace = len(records) / (time.perf_counter() - start_s)
    made = dealt_rows(net.encodings, net.batch, source, records, team) if features else None
    if team.rank > 0:
        return None
    found = score(distances[:, answers], np.searchsorted(answers, source.labels[records]))
    items_of = np.searchsorted(answers, source.labels[known])
    told = np.union1d(items_of, found.answers).tolist()
    chosen = chosen_on(snapshot, source)
    distances = distances[:, answers]
    return Report(
        snapshot, source, records, answers, found, told, set_aside, pace, distances, chosen, made
    )


def knows_any(snapshot: Snapshot, source: ArraySource) -> bool:
    """Whether `source` has an item of a class that the net has learned, as far as is known."""
    names = label_names(snapshot)
    if not names or not snapshot.card.datasets:
        return True
    learned = as_learned(snapshot, source, names)
    return bool(np.isin(learned.labels, list(names)).any())


def _drawn(
    snapshot: Snapshot, source: ArraySource, known: NDArray[np.int64], items: int | None
) -> NDArray[np.int64]:
    count = len(known)
    if items is not None and not 0 < items <= count:
        of_known = "" if count == len(source) else " of classes that the net has learned"
        raise UserError(
            f"{items} items are asked for", wanted=f"{source.name} has {count:,} of them{of_known}"
        )
    if items is None or items == count:
        return known
    drawn = stream(snapshot.card.seed, "test-many").permutation(count)[:items]
    return known[np.sort(drawn)]


def _by_name(source: ArraySource, labels: NDArray[np.int64]) -> dict[str, int]:
    found, counts = np.unique(labels, return_counts=True)
    numbers = zip(found.tolist(), counts.tolist(), strict=True)
    return {source.label_names.get(label, str(label)): count for label, count in numbers}


def check_same_data(snapshot: Snapshot, source: ArraySource) -> None:
    """Say so where `source` is no longer what it was when the snapshot was made."""
    for known in snapshot.card.datasets:
        if known.source == source.name and known.checksum != source.checksum:
            notice(
                f"The data of {source.name} has changed since this snapshot was made: "
                f"checksum {source.checksum[:12]}..., then {known.checksum[:12]}..."
            )


def _percent(share: float) -> str:
    return "not measured" if math.isnan(share) else f"{100 * share:.2f} %"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
