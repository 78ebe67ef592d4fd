"""Floor 8. `mycaffe test-many`: how many of many items a snapshot recognises."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mycaffe_py.cli.code_arguments import add_code_argument

NAME = "test-many"
HELP = "Measure a snapshot on many items: accuracy, label by label, with a confusion matrix."
EXAMPLES = """\
  mycaffe test-many                                    newest snapshot below this folder, all items
  mycaffe test-many --items 1000 --sheet errors.png    1000 items, and a picture of the mistakes
  mycaffe test-many --snapshot snapshots/siamese_28x28_iter_8000.caffemodel
  mycaffe test-many --source MNIST.training --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which snapshot, which items, and what to write."""
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to measure; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--best", action="store_true",
        help="the snapshot of the run's best test instead, where train --keep-best kept it",
    )  # fmt: skip
    parser.add_argument(
        "--record", action="store_true",
        help="keep each item's answer and distances beside the snapshot, in NAME.answers.npz",
    )  # fmt: skip
    parser.add_argument("--items", type=int, metavar="N", help="how many; without it all")
    parser.add_argument(
        "--source", default="", metavar="DATASET.SPLIT",
        help="where the items are from; without it the source of the TEST net",
    )  # fmt: skip
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="write a picture of the mistakes")
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.evaluate.answers import answers_of, write_answers
    from mycaffe_py.evaluate.best import best_snapshot
    from mycaffe_py.evaluate.mistakes import draw_mistakes
    from mycaffe_py.evaluate.snapshot import open_snapshot, open_testing
    from mycaffe_py.evaluate.test_many import check_same_data, test_many

    path = best_snapshot(args.snapshot) if args.best else args.snapshot
    snapshot = open_snapshot(path, run_code=args.run_code)
    source = open_testing(snapshot, args.source)
    check_same_data(snapshot, source)
    report = test_many(snapshot, source, args.items)
    print(json.dumps(report.as_json()) if args.json else "\n".join(report.lines()))
    if args.record:
        kept = write_answers(snapshot.files, answers_of(report))
        if not args.json:
            print(f"\nanswers kept in {kept}")
    if args.sheet is not None:
        shown = draw_mistakes(report, args.sheet)
        if not args.json:
            print(f"\n{shown} mistakes drawn in {args.sheet}")
    return 0
