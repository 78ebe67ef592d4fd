"""`mycaffe identify`: the nearest of the trained and enrolled classes, or unknown."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import add_code_argument, file_to_write
from mycaffe_py.cli.unread import tell_unread
from mycaffe_py.data.pictures.picture_arguments import add_picture_arguments, asked_of

if TYPE_CHECKING:
    from mycaffe_py.evaluate.enrollment.stream import Row
    from mycaffe_py.trained.kept_threshold import KeptThreshold
    from mycaffe_py.trained.snapshot import Snapshot

NAME = "identify"
HELP = "Name the nearest trained or enrolled class of pictures or windows, or say unknown."
EXAMPLES = """\
  mycaffe identify nine.png
  mycaffe identify window.csv --snapshot snapshots/link_iter_5000.caffemodel --json
  mycaffe identify *.png --threshold 0.5
  mycaffe identify PICTURES --csv rows.csv           every picture below a folder
  find . -name '*.png' | mycaffe identify - --json-lines rows.jsonl
  mycaffe identify day.csv --stride 5 --alarms alarms.csv --min-windows 3

Distances are squared, as those of 'mycaffe test'. An enrolled class lies at the mean of its
examples. What lies farther from every class than the threshold is unknown; without --threshold the
one that 'mycaffe threshold' stored beside the snapshot counts. That one was measured on trained
classes; an enrolled one has a limit of its own, by the distances between classes and between its
own examples. The JSON's "threshold" is the limit of the nearest class.

A FILE may be a folder (the files below it, sorted by path), "-" (a list of files on standard input,
one a line), or a CSV file of more rows than a window has: then a window slides over it, one each
--stride rows, and none reaches over a gap in the times. Rows come in the order of the files and of
time. A file or window that cannot be read has a row that says why, and the exit code is 2 then.

--csv columns: file, start, end, label, distance, nearest, unknown, enrolled, threshold, error.
--json-lines: an object a line with these, and "distances" to every class.
--alarms columns: file, start, end, class, windows, distance. An alarm is a run of consecutive
windows, or pictures, of one class other than --normal, or unknown.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, the snapshot to ask, from where on an answer is unknown, and where rows go."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument(
        "--list", dest="lists", action="append", type=Path, default=[], metavar="FILE",
        help="a text that names a file in each line; - for standard input",
    )  # fmt: skip
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to ask; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--threshold", type=float, metavar="T", help="squared distance beyond which it is unknown"
    )
    parser.add_argument(
        "--stride", type=int, metavar="ROWS",
        help="rows from one sliding window to the next; without it as many as a window has",
    )  # fmt: skip
    add_picture_arguments(parser)
    add_code_argument(parser)
    _add_outputs(parser)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    """Where the answers go."""
    parser.add_argument("--json", action="store_true", help="for machines, all in one array")
    parser.add_argument(
        "--json-lines", type=file_to_write, metavar="FILE",
        help="write an object a line; - for standard output",
    )  # fmt: skip
    parser.add_argument(
        "--csv",
        type=file_to_write,
        metavar="FILE",
        help="write a row for each; - for standard output",
    )
    parser.add_argument(
        "--alarms", type=file_to_write, metavar="FILE",
        help="write start, end and class of each run of a fault, as CSV, or as JSON lines where it "
        "is called *.jsonl; - for standard output",
    )  # fmt: skip
    parser.add_argument(
        "--normal", action="append", default=[], metavar="CLASS",
        help="a class that is no alarm; without it the one called normal",
    )  # fmt: skip
    parser.add_argument(
        "--min-windows", type=int, default=1, metavar="N",
        help="alarms of this many windows at least; without it 1",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Name each file or window, and tell which could not be read."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.trained.kept_threshold import given_threshold, read
    from mycaffe_py.trained.snapshot import open_snapshot

    if not args.files and not args.lists:
        raise UserError(
            "the following arguments are required: FILE",
            do="Name files, folders, or a list with --list FILE.",
        )
    if args.alarms is None and (args.normal or args.min_windows != 1):
        raise UserError("--normal and --min-windows are for --alarms FILE")
    given = None if args.threshold is None else given_threshold(args.threshold)
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    threshold = given or read(snapshot)
    if _are_many(args, snapshot):
        return _many(args, snapshot, threshold)
    from mycaffe_py.evaluate.enrollment.identify import identify

    found = identify(snapshot, args.files, threshold, asked_of(args))
    print(json.dumps(found.as_json()) if args.json else "\n".join(found.lines()))
    return tell_unread(found.unread)


def _are_many(args: argparse.Namespace, snapshot: Snapshot) -> bool:
    """Whether there is a row to each input, rather than a table."""
    from mycaffe_py.data.counters.scaling import Counters
    from mycaffe_py.data.counters.sliding import is_long
    from mycaffe_py.evaluate.enrollment.asked_files import STANDARD

    if args.lists or args.stride is not None or args.csv or args.json_lines or args.alarms:
        return True
    if any(path == STANDARD or path.is_dir() for path in args.files):
        return True
    known = snapshot.data
    if known is None or not known.counters:
        return False
    counters = Counters.from_json(known.counters)
    return any(path.is_file() and is_long(path, counters) for path in args.files)


def _many(args: argparse.Namespace, snapshot: Snapshot, threshold: KeptThreshold) -> int:
    """Write a row for each input, and tell how many there were."""
    from mycaffe_py.evaluate.enrollment.asked_files import STANDARD, asked_files
    from mycaffe_py.evaluate.enrollment.identify_many import Many, Outputs, row_line

    many = Many(snapshot, threshold, asked_of(args), args.stride)
    files = asked_files(args.files, args.lists, many.sheets)
    rows: list[dict[str, object]] = []

    def tell(row: Row) -> None:
        if args.json:
            rows.append(row.as_json())
        elif not (args.csv or args.json_lines or args.alarms):
            print(row_line(row))

    outputs = Outputs(args.csv, args.json_lines, args.alarms, args.normal, args.min_windows, tell)
    told = many.write(files, outputs)
    if args.json:
        print(json.dumps(rows))
    taken = args.json or STANDARD in outputs.paths
    print(told.line(many.like.word), file=sys.stderr if taken else sys.stdout)
    return tell_unread(told.unread)
