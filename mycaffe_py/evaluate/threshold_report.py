"""Floor 7. A measured threshold for people and machines, and written beside its snapshot."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.atomic import write_atomically
from mycaffe_py.data.plural import plural
from mycaffe_py.evaluate.enrolment_files import beside, fingerprint
from mycaffe_py.evaluate.figures import distance_text, percent_text
from mycaffe_py.evaluate.final_weights import fingerprint_of_means
from mycaffe_py.evaluate.open_space import FORMULA, RATIO
from mycaffe_py.evaluate.roc import Roc, Share
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.evaluate.threshold_kept import FORMAT
from mycaffe_py.evaluate.unknown_threshold import Measured
from mycaffe_py.printable import one_line
from mycaffe_py.snapshot.names import THRESHOLD
from mycaffe_py.snapshot.plain_json import dumps

_CURVE_POINTS = 200
_SATURATED = """\
Warning: the features have saturated: against the distances between classes, the items of a trained
class lie on one point. New items of it are easily beyond the threshold. Fewer iterations, or an
earlier snapshot of the run, leave a spread."""


def as_json(found: Measured, snapshot: Snapshot) -> dict[str, Any]:
    """For machines; what was not measurable is null."""
    source = found.source
    return {
        "format": FORMAT,
        "threshold": found.threshold,
        "measure": "squared distance",
        "enrolled": {"floor": found.floor, "ratio": RATIO, "formula": FORMULA},
        "saturated": found.saturated,
        "false_alarms_wished": found.wished,
        "false_alarms": _share(found.called_unknown),
        "right": _share(found.right),
        "caught": _share(found.caught),
        "caught_never_trained": _share(found.strangers),
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
        "snapshot": str(snapshot.files.weights),
        "net": fingerprint(snapshot),
        "class_means": fingerprint_of_means(snapshot),
    }


def write(found: Measured, snapshot: Snapshot) -> Path:
    """Keep it beside the snapshot, where `identify` looks; the file is returned."""
    path = beside(snapshot.files, THRESHOLD)
    write_atomically(path, f"{dumps(as_json(found, snapshot), indent=1)}\n".encode())
    return path


def lines(found: Measured, snapshot: Snapshot) -> list[str]:
    """For people."""
    source = found.source
    told = [str(snapshot.files.weights)]
    if source.stand_in_for:
        told.append(
            f"STAND-IN DATA: {source.name} takes the place of {source.stand_in_for}, "
            "which could not be had."
        )
    told += [
        f"threshold {distance_text(found.threshold)} (squared distance to the nearest class)",
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
    reach = distance_text(found.floor)
    told += [
        f"an enrolled class reaches {reach}, midway between items of one class and of others, or,",
        "if more, 1/16 of its distance to the nearest trained class, or its own examples' spread;",
        f"not where a trained class is hardly farther (ratio of the distances above {RATIO:g})",
    ]
    return [*told, *_caveats(found), "", *_table(found)]


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
