"""Floor 8. `mycaffe threshold`: the distance from which on `identify` says unknown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.code_arguments import add_code_argument

if TYPE_CHECKING:
    from mycaffe_py.evaluate.unknown_threshold import Measured

NAME = "threshold"
HELP = "Find the distance beyond which an input is unknown, for a wished false-alarm rate."
EXAMPLES = """\
  mycaffe threshold                                1 % of the known items may be called unknown
  mycaffe threshold --false-alarms 0.001 --snapshot snapshots/siamese_28x28_iter_8000.caffemodel
  mycaffe threshold --source LINK.validation --json

Known: items of the trained classes. Unknown: the same items with their own class taken out, each
class in turn; and items of classes never trained, if the data has any. Stored beside the snapshot
(NAME.threshold.json) for 'mycaffe identify', with a picture (NAME.threshold.png).
"""
_FALSE_ALARMS = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which snapshot, which items, and how many false alarms are allowed."""
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to measure; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--false-alarms", type=float, default=_FALSE_ALARMS, metavar="SHARE",
        help=f"of the known items that may be called unknown ({_FALSE_ALARMS})",
    )  # fmt: skip
    parser.add_argument(
        "--source", default="", metavar="DATASET.SPLIT",
        help="where the items are from; without it the source of the TEST net",
    )  # fmt: skip
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Measure, draw, store."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.evaluate.snapshot import open_snapshot, open_testing
    from mycaffe_py.evaluate.test_many import check_same_data
    from mycaffe_py.evaluate.threshold_report import as_json, lines, write
    from mycaffe_py.evaluate.unknown_threshold import check_rate, measure
    from mycaffe_py.snapshot.plain_json import dumps

    check_rate(args.false_alarms)
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    source = open_testing(snapshot, args.source)
    check_same_data(snapshot, source)
    found = measure(snapshot, source, args.false_alarms)
    stored = write(found, snapshot)
    picture = _draw(stored, found)
    if args.json:
        files = {"stored_in": str(stored), "picture": str(picture) if picture else None}
        print(dumps({**as_json(found, snapshot), **files}))
        return 0
    told = [*lines(found, snapshot), "", f"Stored for 'mycaffe identify': {stored}"]
    print("\n".join([*told, f"Picture: {picture}"] if picture else told))
    return 0


def _draw(stored: Path, found: Measured) -> Path | None:
    """The picture; the threshold itself counts without it."""
    from mycaffe_py.errors import MyCaffeError
    from mycaffe_py.evaluate.draw_roc import draw_threshold

    try:
        return draw_threshold(stored.with_suffix(".png"), found)
    except MyCaffeError as error:
        print(f"No picture: {error}", file=sys.stderr)
        return None
