"""`mycaffe threshold`: the distance from which on `identify` says unknown."""

from __future__ import annotations

import argparse
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument

NAME = "threshold"
HELP = "Find the distance beyond which an input is unknown, for a wished rate of errors."
EXAMPLES = """\
  mycaffe threshold                                1 % of the known items may be called unknown
  mycaffe threshold --false-alarms 0.001 --snapshot snapshots/siamese_28x28_iter_8000.caffemodel
  mycaffe threshold --far 0.001                    0.1 % of the unlike pairs may be accepted
  mycaffe threshold --source LINK.validation --json
  mycaffe threshold --score neighbours             by the nearest training items of each class
  mycaffe threshold --unknown NINES.testing        items of classes that the net has never seen

Two rates, of which one is wished: --false-alarms counts known items, of which so many may be called
unknown; --far (false accept rate) counts unlike pairs, an item and a class that is not its own, of
which so many may be accepted. With --far it is also told from which distance on two items are of
different classes, for as large a share of the pairs of two items of different classes.

What is beyond the threshold is the squared distance to where the nearest class lies (--score
distance), the mean squared distance to the 5 nearest training items of a class (neighbours), the
distance that knows how the class spreads (gaussian), or neighbours by this distance (whitened).
For windows of counters, course looks past the net at how each step follows from those before it.
The score is kept with the threshold; enrolled classes go by distances always.

Known: items of the trained classes. Unknown: the same items with their own class taken out, each
class in turn; and items of classes never trained, if the data has any or --unknown names some.
Of these, area under the curve (AUROC) and open-set F1 are told. Stored beside the snapshot
(NAME.threshold.json) for 'mycaffe identify', with a picture (NAME.threshold.png).
"""
_FALSE_ALARMS = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which snapshot, which items, and how many false alarms are allowed."""
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to measure; without it the newest below this folder",
    )  # fmt: skip
    wished = parser.add_mutually_exclusive_group()
    wished.add_argument(
        "--false-alarms", type=float, default=_FALSE_ALARMS, metavar="SHARE",
        help=f"of the known items that may be called unknown ({_FALSE_ALARMS})",
    )  # fmt: skip
    wished.add_argument(
        "--far", type=float, metavar="SHARE",
        help="of the unlike pairs (an item, and a class that is not its own) that may be accepted, "
        "in place of --false-alarms",
    )  # fmt: skip
    parser.add_argument(
        "--source", default="", metavar="DATASET.SPLIT",
        help="where the items are from; without it the source of the TEST net",
    )  # fmt: skip
    parser.add_argument(
        "--score", default="distance", metavar="NAME",
        help="distance, neighbours, gaussian, whitened, or course for windows of counters: what "
        "tells known from unknown (distance)",
    )  # fmt: skip
    parser.add_argument(
        "--unknown", default="", metavar="DATASET.SPLIT",
        help="items of classes that the net has not learned, beside those of --source",
    )  # fmt: skip
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Measure, draw, store."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.evaluate.test_many import check_same_data
    from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
    from mycaffe_py.evaluate.threshold.unknown_threshold import check_rate, measure
    from mycaffe_py.evaluate.threshold.unlike_pairs import check_far
    from mycaffe_py.files.plain_json import dumps
    from mycaffe_py.retrieve.judged.measured import verify_items
    from mycaffe_py.retrieve.judged.told import verification_json, verification_lines
    from mycaffe_py.trained.snapshot import open_snapshot, open_testing
    from mycaffe_py.trained.strangeness import check_score

    check_score(args.score)
    check_rate(args.false_alarms)
    if args.far is not None:
        check_far(args.far)
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    source = open_testing(snapshot, args.source)
    check_same_data(snapshot, source)
    unknown = open_testing(snapshot, args.unknown) if args.unknown else None
    found = measure(snapshot, source, args.false_alarms, args.far, unknown, args.score)
    report = ThresholdReport(found, snapshot)
    pairs = None if args.far is None else verify_items(snapshot, source, args.far)
    stored = report.write()
    picture = report.draw(stored)
    if args.json:
        files = {"stored_in": str(stored), "picture": str(picture) if picture else None}
        two = {"two_items": verification_json(pairs)} if pairs else {}
        print(dumps({**report.as_json(), **two, **files}))
        return 0
    two_items = ["", *verification_lines(pairs)] if pairs else []
    told = [*report.lines(), *two_items, "", f"Stored for 'mycaffe identify': {stored}"]
    print("\n".join([*told, f"Picture: {picture}"] if picture else told))
    return 0
