"""Floor 7. test-many: what a snapshot's RUN net answers for many labelled items."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.source import notice
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.run_net import RunNet
from mycaffe_py.evaluate.scores import LabelScore, Scores, score
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.random_streams import stream

BATCH = 256


@dataclass(frozen=True)
class Report:
    """What came out. `records` (n,) are the items' numbers in `source`, in the order scored."""

    snapshot: Snapshot
    source: ArraySource
    records: NDArray[np.int64]
    scores: Scores
    images_per_s: float

    @property
    def stand_in_for(self) -> str:
        """The source that could not be had when this one was used, or ""."""
        return self.source.stand_in_for or ""

    def as_json(self) -> dict[str, Any]:
        """For machines; what was not measurable is null."""
        return {
            "accuracy": _number(self.scores.accuracy),
            "n": self.scores.n,
            "per_label": {
                self.name(one.label): {
                    "accuracy": _number(one.accuracy),
                    "n": one.n,
                    "nearest_wrong": self._maybe_name(one.nearest_wrong),
                }
                for one in self.scores.labels
            },
            "confusion": self.scores.confusion.tolist(),
            "images_per_s": round(self.images_per_s, 1),
            "dataset": self.source.name,
            "stand_in": bool(self.stand_in_for),
            "snapshot": str(self.snapshot.files.weights),
        }

    def name(self, label: int) -> str:
        """The name of a label, or its number."""
        return self.source.label_names.get(label, str(label))

    def _maybe_name(self, label: int | None) -> str | None:
        return None if label is None else self.name(label)

    def lines(self) -> list[str]:
        """For people."""
        scores = self.scores
        head = (
            f"{_percent(scores.accuracy)} of {scores.n:,} items of {self.source.name} recognised, "
            f"{len(scores.wrong):,} wrong ({self.images_per_s:,.0f} images/s)"
        )
        lines = [str(self.snapshot.files.weights), head]
        if self.stand_in_for:
            lines.append(
                f"STAND-IN DATA: {self.source.name} takes the place of {self.stand_in_for}, "
                "which could not be had."
            )
        names = [self.name(one.label) for one in scores.labels]
        return [*lines, "", *self._label_lines(names), "", *_confusion_lines(scores, names)]

    def _label_lines(self, names: list[str]) -> list[str]:
        width = max(len("label"), *(len(name) for name in names))
        lines = [f"{'label':{width}}  {'items':>6}  {'wrong':>6}  accuracy  nearest wrong label"]
        for name, one in zip(names, self.scores.labels, strict=True):
            lines.append(
                f"{name:{width}}  {one.n:6,}  {one.n - one.correct:6,}  "
                f"{_percent(one.accuracy):>8}  {self._nearest(one)}".rstrip()
            )
        return lines

    def _nearest(self, one: LabelScore) -> str:
        if one.nearest_wrong is None:
            return ""
        share = 100 * one.nearest_wrong_n / one.n
        return f"{self.name(one.nearest_wrong)} (for {share:.0f} % of them)"


def test_many(snapshot: Snapshot, source: ArraySource, items: int | None = None) -> Report:
    """Ask the RUN net of `snapshot` for `items` items of `source` (all when None).

    Fewer than all are drawn by chance, the same ones each time. The net is warm before the clock
    runs; pictures are transformed within it.
    """
    count = len(source)
    if items is not None and not 0 < items <= count:
        raise UserError(
            f"{items} items are asked for", wanted=f"{source.name} has {count:,} of them"
        )
    records = np.arange(count)
    if items is not None and items < count:
        drawn = stream(snapshot.card.seed, "test-many").permutation(count)[:items]
        records = np.sort(drawn)
    net = RunNet(snapshot, source, min(BATCH, len(records)))
    net.distances(source.gather(records[:1]))
    parts = []
    start_s = time.perf_counter()
    with tqdm(total=len(records), unit="img", disable=None, leave=False) as bar:
        for start in range(0, len(records), net.batch):
            part = records[start : start + net.batch]
            parts.append(net.distances(source.gather(part)))
            bar.update(len(part))
    pace = len(records) / (time.perf_counter() - start_s)
    found = score(np.concatenate(parts), source.labels[records])
    return Report(snapshot, source, records, found, pace)


def check_same_data(snapshot: Snapshot, source: ArraySource) -> None:
    """Say so where `source` is no longer what it was when the snapshot was made."""
    for known in snapshot.card.datasets:
        if known.source == source.name and known.checksum != source.checksum:
            notice(
                f"The data of {source.name} has changed since this snapshot was made: "
                f"checksum {source.checksum[:12]}..., then {known.checksum[:12]}..."
            )


def _confusion_lines(scores: Scores, names: list[str]) -> list[str]:
    cells = [[f"{n:,}" if n else "." for n in row] for row in scores.confusion.tolist()]
    width = max(4, *(len(cell) for row in cells for cell in row), *(len(name) for name in names))
    lines = ["confusion (rows: what it is, columns: the answer)"]
    lines.append(" ".join(f"{cell:>{width}}" for cell in ["", *names]))
    for name, row in zip(names, cells, strict=True):
        lines.append(" ".join(f"{cell:>{width}}" for cell in [name, *row]))
    return lines


def _percent(share: float) -> str:
    return "not measured" if math.isnan(share) else f"{100 * share:.2f} %"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
