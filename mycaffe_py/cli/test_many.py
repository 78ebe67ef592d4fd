"""`mycaffe test-many`: how many of many items a snapshot recognises."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mycaffe_py.cli.arguments import add_code_argument, png_to_write

if TYPE_CHECKING:
    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.evaluate.test_many import Report
    from mycaffe_py.retrieve.judged.measured import Retrieval
    from mycaffe_py.solver.team import Team
    from mycaffe_py.trained.snapshot import Snapshot

NAME = "test-many"
HELP = "Measure a snapshot on many items: accuracy, label by label, with a confusion matrix."
EXAMPLES = """\
  mycaffe test-many                                    newest snapshot below this folder, all items
  mycaffe test-many --items 1000 --sheet errors.png    1000 items, and a picture of the mistakes
  mycaffe test-many --snapshot snapshots/siamese_28x28_iter_8000.caffemodel
  mycaffe test-many --source MNIST.training --json
  mpiexec -n 4 mycaffe test-many                       on four processes
  mycaffe test-many --unknown NINES.testing            and how well foreign items are told apart
  mycaffe test-many --retrieval                        and how well items of a class find another
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
        help="keep the answer to each item, its distances and features beside the snapshot, in "
        "NAME.answers.npz",
    )  # fmt: skip
    parser.add_argument(
        "--retrieval", action="store_true",
        help="the marks of 'mycaffe retrieval' too, of classes that were never learned as well",
    )  # fmt: skip
    parser.add_argument("--items", type=int, metavar="N", help="how many; without it all")
    parser.add_argument(
        "--source", default="", metavar="DATASET.SPLIT",
        help="where the items are from; without it the source of the TEST net",
    )  # fmt: skip
    parser.add_argument(
        "--unknown", default="", metavar="DATASET.SPLIT",
        help="items of classes that the net has not learned: AUROC against the known ones, and "
        "open-set F1 at the threshold of 'mycaffe threshold'",
    )  # fmt: skip
    parser.add_argument(
        "--sheet", type=png_to_write, metavar="PNG", help="write a picture of the mistakes"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Measure, print the report, and write what else was asked for."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.data.feature_tables.feature_checks import file_sum
    from mycaffe_py.evaluate.test_many import check_same_data, knows_any, test_many
    from mycaffe_py.parallel.joined import joined
    from mycaffe_py.solver.team import check_same, in_turn
    from mycaffe_py.trained.best_snapshot import best_snapshot
    from mycaffe_py.trained.snapshot import open_snapshot, open_testing

    with joined() as team:
        path = best_snapshot(args.snapshot) if args.best else args.snapshot
        snapshot = open_snapshot(path, run_code=args.run_code)
        source = in_turn(team, lambda: open_testing(snapshot, args.source))
        check_same(
            team, {"weights": file_sum(snapshot.files.weights), source.name: source.checksum}
        )
        check_same_data(snapshot, source)
        # Opened before anything is measured: it may not be there.
        unknown = (
            in_turn(team, lambda: open_testing(snapshot, args.unknown)) if args.unknown else None
        )
        # Of classes that the net never learned there are no answers to score.
        scored = (
            not args.retrieval
            or args.record
            or args.sheet is not None
            or args.unknown
            or knows_any(snapshot, source)
        )
        report = (
            test_many(snapshot, source, args.items, features=args.record, team=team)
            if scored
            else None
        )
        found = _found(snapshot, source, args.items, team) if args.retrieval else None
        return 0 if team.rank > 0 else _tell(args, source, unknown, report, found)


def _found(snapshot: Snapshot, source: ArraySource, items: int | None, team: Team) -> Retrieval:
    from mycaffe_py.retrieve.judged.measured import measure_retrieval

    return measure_retrieval(snapshot, source, items=items, team=team)


def _tell(
    args: argparse.Namespace,
    source: ArraySource,
    unknown: ArraySource | None,
    report: Report | None,
    found: Retrieval | None,
) -> int:
    """Print what was measured, and measure what one process does."""
    from mycaffe_py.evaluate.threshold.foreign import against_foreign
    from mycaffe_py.files.plain_json import dumps
    from mycaffe_py.retrieve.judged.told import retrieval_json, retrieval_lines

    told: dict[str, Any] = report.as_json() if report else {}
    lines = report.lines() if report else [f"{source.name} has no class that the net has learned."]
    if report is not None and unknown is not None:
        figures = against_foreign(report, unknown)
        told["open_set"] = figures.as_json()
        lines += ["", *figures.lines()]
    if found is not None:
        told["retrieval"] = retrieval_json(found)
        lines += ["", *retrieval_lines(found)]
    print(dumps(told) if args.json else "\n".join(lines))
    if report is not None:
        _write(args, report)
    return 0


def _write(args: argparse.Namespace, report: Report) -> None:
    """The files that were asked for."""
    from mycaffe_py.evaluate.answers import answers_of, write_answers
    from mycaffe_py.evaluate.pictures.mistakes import draw_mistakes

    if args.record:
        kept = write_answers(report.snapshot.files, answers_of(report))
        if not args.json:
            print(f"\nanswers kept in {kept}")
    if args.sheet is not None:
        shown = draw_mistakes(report, args.sheet)
        if not args.json:
            print(f"\n{shown} mistakes drawn in {args.sheet}")
