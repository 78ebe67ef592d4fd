"""Floor 8. `mycaffe identify`: the nearest of the trained and enrolled classes, or unknown."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mycaffe_py.cli.code_arguments import add_code_argument
from mycaffe_py.cli.picture_arguments import add_picture_arguments, asked_of
from mycaffe_py.cli.unread import tell_unread
from mycaffe_py.printable import one_line

if TYPE_CHECKING:
    from mycaffe_py.evaluate.enrolment_carry import Carried
    from mycaffe_py.evaluate.identify import Identified
    from mycaffe_py.evaluate.threshold_kept import Threshold

NAME = "identify"
HELP = "Name the nearest trained or enrolled class of pictures or windows, or say unknown."
EXAMPLES = """\
  mycaffe identify nine.png
  mycaffe identify window.csv --snapshot snapshots/link_iter_5000.caffemodel --json
  mycaffe identify *.png --threshold 0.5

Distances are squared, as those of 'mycaffe test'. An enrolled class lies at the mean of its
examples. What lies farther from every class than the threshold is unknown; without --threshold the
one that 'mycaffe threshold' stored beside the snapshot counts. That one was measured on trained
classes; an enrolled one has a limit of its own, by the distances between classes and between its
own examples. The JSON's "threshold" is the limit of the nearest class.
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
    add_picture_arguments(parser)
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.figures import distance_text
    from mycaffe_py.evaluate.identify import identify
    from mycaffe_py.evaluate.snapshot import open_snapshot
    from mycaffe_py.evaluate.threshold_kept import Threshold, read

    given = args.threshold
    if given is not None and not given >= 0:
        raise UserError(f"--threshold is {given}", wanted="a squared distance: 0 or more")
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    limit = read(snapshot) if given is None else Threshold(given, f"threshold {given:g}, as given")
    answers = identify(snapshot, args.files, limit.value, limit.floor, asked_of(args))
    if args.json:
        weights = str(snapshot.files.weights)
        told = [_json(one, limit, answers.enrolments, weights) for one in answers.found]
        errors = [{"file": str(o.path), "error": str(o.error)} for o in answers.unread]
        print(json.dumps([*told, *errors]))
        return tell_unread(answers.unread)
    print(snapshot.files.weights)
    print(limit.origin)
    labels = answers.enrolments.enrolments.labels
    if labels and limit.floor is not None:
        print(f"enrolled classes: {distance_text(limit.floor)}, or as far as open space allows")
    if limit.saturated:
        print("Warning: the features have saturated; 'mycaffe threshold' says more")
    if answers.enrolments.note:
        print(f"enrolments {answers.enrolments.note}")
    for one in answers.found:
        print("\n".join(["", *map(one_line, _lines(one, labels))]))
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
        "threshold": one.limit if math.isfinite(one.limit) else None,
        "threshold_from": limit.origin,
        "enrolled_classes": used.enrolments.labels,
        "enrolments_from": used.note,
        "done": list(one.done),
        "snapshot": weights,
    }


def _lines(one: Identified, enrolled: list[str]) -> list[str]:
    from mycaffe_py.evaluate.figures import distance_text

    done = f" ({', '.join(one.done)})" if one.done else ""
    width = max(5, *(len(name) for name, _ in one.ranking))
    rows = [
        f"  {name:>{width}}  {distance_text(value)}{'  enrolled' if name in enrolled else ''}"
        for name, value in one.ranking
    ]
    return [f"{one.path}: {one.label}{_why(one)}{done}", f"  {'label':>{width}}  distance", *rows]


def _why(one: Identified) -> str:
    """Why it is unknown, "" where it is not."""
    from mycaffe_py.evaluate.figures import distance_text

    found = f", {distance_text(one.distance)} from {one.nearest} is"
    if one.distance > one.limit:
        return f"{found} beyond {distance_text(one.limit)}"
    if one.rival is not None:
        name, distance = one.rival
        return (
            f"{found} hardly nearer than {distance_text(distance)} from {name}, which was trained"
        )
    return ""
