"""Floor 8. `mycaffe identify`: the nearest of the trained and enrolled classes, or unknown."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mycaffe_py.cli.unread import tell_unread

if TYPE_CHECKING:
    from mycaffe_py.evaluate.enrolment_carry import Carried
    from mycaffe_py.evaluate.identify import Identified
    from mycaffe_py.evaluate.threshold_report import Threshold

NAME = "identify"
HELP = "Name the nearest trained or enrolled class of pictures or windows, or say unknown."
EXAMPLES = """\
  mycaffe identify nine.png
  mycaffe identify window.csv --snapshot snapshots/link_iter_5000.caffemodel --json
  mycaffe identify *.png --threshold 0.5

Distances are squared, as those of 'mycaffe test'. An enrolled class lies at the mean of its
examples. What lies farther from every class than the threshold is unknown; without --threshold the
one that 'mycaffe threshold' stored beside the snapshot counts.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, the snapshot to ask, and from where on an answer is unknown."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to ask; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--threshold", type=float, metavar="T", help="squared distance beyond which it is unknown"
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.identify import identify
    from mycaffe_py.evaluate.snapshot import open_snapshot
    from mycaffe_py.evaluate.threshold_report import Threshold, read

    given = args.threshold
    if given is not None and not given >= 0:
        raise UserError(f"--threshold is {given}", wanted="a squared distance: 0 or more")
    snapshot = open_snapshot(args.snapshot)
    limit = read(snapshot) if given is None else Threshold(given, f"threshold {given:g}, as given")
    answers = identify(snapshot, args.files, limit.value)
    if args.json:
        weights = str(snapshot.files.weights)
        told = [_json(one, limit, answers.enrolments, weights) for one in answers.found]
        errors = [{"file": str(o.path), "error": str(o.error)} for o in answers.unread]
        print(json.dumps([*told, *errors]))
        return tell_unread(answers.unread)
    print(snapshot.files.weights)
    print(limit.origin)
    if answers.enrolments.note:
        print(f"enrolments {answers.enrolments.note}")
    labels = answers.enrolments.enrolments.labels
    for one in answers.found:
        print("\n".join(["", *_lines(one, limit, labels)]))
    return tell_unread(answers.unread)


def _json(one: Identified, limit: Threshold, used: Carried, weights: str) -> dict[str, Any]:
    return {
        "file": str(one.path),
        "label": one.label,
        "distance": one.distance,
        "unknown": one.unknown,
        "nearest": one.nearest,
        "enrolled": one.enrolled,
        "distances": dict(one.ranking),
        "threshold": limit.value if math.isfinite(limit.value) else None,
        "threshold_from": limit.origin,
        "enrolled_classes": used.enrolments.labels,
        "enrolments_from": used.note,
        "done": list(one.done),
        "snapshot": weights,
    }


def _lines(one: Identified, limit: Threshold, enrolled: list[str]) -> list[str]:
    done = f" ({', '.join(one.done)})" if one.done else ""
    beyond = f", {one.distance:.5f} from {one.nearest} is beyond {limit.value:.5f}"
    head = f"{one.path}: {one.label}{beyond if one.unknown else ''}{done}"
    width = max(5, *(len(name) for name, _ in one.ranking))
    rows = [
        f"  {name:>{width}}  {distance:.5f}{'  enrolled' if name in enrolled else ''}"
        for name, distance in one.ranking
    ]
    return [head, f"  {'label':>{width}}  distance", *rows]
