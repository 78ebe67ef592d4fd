"""The report of `mycaffe threshold`, which is also written beside the snapshot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.plural import plural
from mycaffe_py.evaluate.pictures.if_possible import drawn_if_possible
from mycaffe_py.evaluate.threshold.draw_roc import draw_threshold
from mycaffe_py.evaluate.threshold.roc import Roc, Share
from mycaffe_py.evaluate.threshold.unknown_threshold import Measured
from mycaffe_py.evaluate.threshold.unlike_pairs import FalseAccepts
from mycaffe_py.figures import distance_text, percent_text
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.printable import one_line
from mycaffe_py.snapshot.names import THRESHOLD
from mycaffe_py.trained.enrollment_files import beside, fingerprint
from mycaffe_py.trained.final_weights import fingerprint_of_means
from mycaffe_py.trained.kept_threshold import FORMAT
from mycaffe_py.trained.open_space import FORMULA, RATIO
from mycaffe_py.trained.snapshot import Snapshot
from mycaffe_py.trained.strangeness import DISTANCE

_CURVE_POINTS = 200
_SATURATED = """\
Warning: the features have saturated: against the distances between classes, the items of a trained
class lie on one point. New items of it are easily beyond the threshold. Fewer iterations, or an
earlier snapshot of the run, leave a spread."""


@dataclass(frozen=True, eq=False)
class ThresholdReport:
    """What was `found` for the classes of `snapshot`."""

    found: Measured
    snapshot: Snapshot

    def as_json(self) -> dict[str, Any]:
        """For machines; what was not measurable is null."""
        found, source = self.found, self.found.source
        return {
            "format": FORMAT,
            "threshold": found.by_distance.threshold,
            **_score_json(found),
            "measure": "squared distance",
            "enrolled": {"floor": found.floor, "ratio": RATIO, "formula": FORMULA},
            "saturated": found.saturated,
            "false_alarms_wished": found.wished,
            "false_alarms": _share(found.called_unknown),
            **_accepts_json(found.false_accepts),
            "right": _share(found.right),
            "caught": _share(found.caught),
            "caught_never_trained": _share(found.strangers),
            "open_set": found.figures.as_json() if found.strangers.n else None,
            "roc": _curve(found.curve),
            "roc_never_trained": _curve(found.strangers_curve),
            "per_label": {
                source.label_names.get(one.label, str(one.label)): {
                    "trained": one.trained,
                    "false_alarms": _share(one.called_unknown),
                    "caught": _share(one.caught),
                }
                for one in found.labels
            },
            "dataset": source.name,
            "dataset_checksum": source.checksum,
            "trained_on": found.trained_on,
            "stand_in": bool(source.stand_in_for),
            "snapshot": str(self.snapshot.files.weights),
            "net": fingerprint(self.snapshot),
            "class_means": fingerprint_of_means(self.snapshot),
        }

    def write(self) -> Path:
        """Keep it beside the snapshot, where `identify` looks; the file is returned."""
        path = beside(self.snapshot.files, THRESHOLD)
        write_atomically(path, f"{dumps(self.as_json(), indent=1)}\n".encode())
        return path

    def draw(self, stored: Path) -> Path | None:
        """The picture beside the file `stored`; None where it cannot be drawn, which is told."""
        path = stored.with_suffix(".png")
        return drawn_if_possible(lambda: draw_threshold(path, self.found))

    def lines(self) -> list[str]:
        """For people."""
        found, source = self.found, self.found.source
        told = [str(self.snapshot.files.weights)]
        if source.stand_in_for:
            told.append(
                f"STAND-IN DATA: {source.name} takes the place of {source.stand_in_for}, "
                "which could not be had."
            )
        told += [
            f"threshold {distance_text(found.threshold)} ({_measure(found)})",
            *_accepts(found.false_accepts),
            f"known items of {source.name} called unknown: {_told(found.called_unknown)}",
            f"known items told by their right name:  {_told(found.right)}",
            f"items of left-out classes caught:      {_told(found.caught)}",
        ]
        if found.strangers.n:
            told.append(f"items of classes never trained caught: {_told(found.strangers)}")
        for kind, curve in (("left-out", found.curve), ("never trained", found.strangers_curve)):
            if curve.different_n:
                told.append(
                    f"known against {kind}: equal error rate {100 * curve.eer:.2f} % at "
                    f"{distance_text(curve.eer_threshold)}, area under the curve {curve.auc:.4f}"
                )
        if found.strangers.n:
            told += found.figures.lines()
        return [*told, *_reach(found), *_caveats(found), "", *_table(found)]


def _score_json(found: Measured) -> dict[str, Any]:
    """What the rates below are of, where it is not the distance."""
    if found.score.name == DISTANCE:
        return {}
    items = found.score.fingerprint
    return {"score": {"name": found.score.name, "threshold": found.threshold, "items": items}}


def _measure(found: Measured) -> str:
    if found.score.name == DISTANCE:
        return "squared distance to the nearest class"
    return f"score {found.score.name}, the smallest of all classes"


def _accepts(found: FalseAccepts | None) -> list[str]:
    """What a threshold for a false accept rate lets in."""
    if found is None:
        return []
    share = found.found
    told = [
        f"unlike pairs (an item and a class that is not its own) accepted: "
        f"{100 * share.rate:.4g} % ({share.count:,} of {share.n:,}; "
        f"{100 * found.wished:g} % wished)"
    ]
    if found.too_few:
        told.append(
            f"{share.n:,} {plural(share.n, 'pair')} cannot show a rate of {100 * found.wished:g} % "
            f"(at least {math.ceil(1 / found.wished):,} can): none is accepted."
        )
    return told


def _accepts_json(found: FalseAccepts | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {"false_accepts_wished": found.wished, "false_accepts": _share(found.found)}


def _reach(found: Measured) -> list[str]:
    """How far enrolled classes reach."""
    reach = distance_text(found.floor)
    return [
        f"an enrolled class reaches {reach}, midway between items of one class and of others, or,",
        "if more, 1/16 of its distance to the nearest trained class, or its own examples' spread;",
        f"not where a trained class is hardly farther (ratio of the distances above {RATIO:g})",
    ]


def _caveats(found: Measured) -> list[str]:
    told = [_SATURATED] if found.saturated else []
    n = found.called_unknown.n
    if found.wished and n * found.wished < 1:
        told.append(
            f"{n:,} {plural(n, 'item')} cannot show a rate of {percent_text(found.wished)} (at "
            f"least {math.ceil(1 / found.wished):,} can): the threshold is the largest distance."
        )
    if found.trained_on:
        told.append(
            f"The net learned from {found.source.name}: on new items more will be called unknown. "
            "Measure on others with --source."
        )
    if found.caught.n:
        told.append(
            "Left-out classes took part in the training, which put them apart: of classes it has "
            "never seen\nfewer are caught, at times far fewer. Items of such classes in --source "
            "show how many."
        )
    else:
        told.append("Only one class is known, so none can be left out.")
    return told


def _table(found: Measured) -> list[str]:
    known = found.source.label_names
    names = [one_line(known.get(one.label, str(one.label))) for one in found.labels]
    width = max(len("label"), *(len(name) for name in names))
    rows = [f"{'label':{width}}  {'items':>6}  called unknown  caught when left out"]
    for name, one in zip(names, found.labels, strict=True):
        n = max(one.called_unknown.n, one.caught.n)
        alarms = percent_text(one.called_unknown.rate) if one.trained else "never trained"
        rows.append(f"{name:{width}}  {n:6,}  {alarms:>14}  {percent_text(one.caught.rate):>20}")
    return rows


def _told(share: Share) -> str:
    if not share.n:
        return "not measured"
    low, high = share.interval
    return (
        f"{percent_text(share.rate)} ({share.count:,} of {share.n:,}; "
        f"95 % interval {100 * low:.2f}-{100 * high:.2f} %)"
    )


def _share(share: Share) -> dict[str, Any]:
    return {"rate": share.rate, "count": share.count, "n": share.n, "interval": share.interval}


def _curve(curve: Roc) -> dict[str, Any]:
    """Figures of a curve, and at most 200 of its points, both ends among them."""
    last = len(curve.misses) - 1
    chosen = np.unique(np.linspace(0, last, min(_CURVE_POINTS, last + 1)).astype(int))
    return {
        "n": curve.different_n,
        "equal_error_rate": curve.eer,
        "equal_error_threshold": curve.eer_threshold,
        "auc": curve.auc,
        "thresholds": curve.thresholds[chosen].tolist(),
        "false_alarms": curve.false_alarms[chosen].tolist(),
        "caught": (1 - curve.misses[chosen]).tolist(),
    }
