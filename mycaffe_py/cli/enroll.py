"""`mycaffe enroll`: teach a trained net a class by one example, without training."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import add_code_argument
from mycaffe_py.cli.unread import tell_unread
from mycaffe_py.data.pictures.picture_arguments import add_picture_arguments, asked_of

if TYPE_CHECKING:
    from mycaffe_py.evaluate.enrollment.changed import Changed
    from mycaffe_py.evaluate.enrollment.enroll import Enroller

NAME = "enroll"
HELP = "Add a class to a trained net by one or a few examples, without training."
EXAMPLES = """\
  mycaffe enroll --label nine nine.png                  newest snapshot below this folder
  mycaffe enroll --label "slow server" one_window.csv --snapshot snapshots/link_iter_5000.caffemodel
  mycaffe enroll --label nine another.png               one example more
  mycaffe enroll --list
  mycaffe enroll --remove nine
  mycaffe enroll --from snapshots/old_iter_900.caffemodel    take over those of another snapshot

A FILE is a picture, or for nets that learned from counters one window of them as CSV. Enrollments
are kept beside the snapshot (NAME.enrolled.json, the inputs in NAME.enrolled.npz). Later snapshots
of the same run take them over by themselves, embedded anew. 'mycaffe identify' uses them. A net
that was exported before knows them after 'mycaffe export' has been run again.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files and their label, or what to do with the classes that are there."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    job = parser.add_mutually_exclusive_group(required=True)
    job.add_argument("--label", metavar="LABEL", help="the class the files are examples of")
    job.add_argument("--list", action="store_true", help="show the enrolled classes")
    job.add_argument("--remove", action="append", metavar="LABEL", help="forget an enrolled class")
    job.add_argument(
        "--from", dest="other", type=Path, metavar="SNAPSHOT",
        help="take over the classes enrolled for another snapshot",
    )  # fmt: skip
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to add to; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--force", action="store_true", help="allow the label of a class that was trained"
    )
    add_picture_arguments(parser)
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Add, list, take over or remove classes, and tell what is enrolled then."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.enrollment.enroll import Enroller
    from mycaffe_py.trained.snapshot import open_snapshot

    if args.label is not None and not args.files:
        raise UserError("there is nothing to enroll", do="Name the files of one or more examples.")
    if args.label is None and args.files:
        raise UserError(f"'{args.files[0]}' without --label", wanted="files go with --label LABEL")
    enroller = Enroller(open_snapshot(args.snapshot, run_code=args.run_code), asked_of(args))
    changed = _change(enroller, args)
    print(json.dumps(changed.as_json()) if args.json else "\n".join(changed.lines()))
    return tell_unread(changed.unread)


def _change(enroller: Enroller, args: argparse.Namespace) -> Changed:
    if args.label is not None:
        return enroller.add(args.label, args.files, args.force)
    if args.remove is not None:
        return enroller.remove(args.remove)
    if args.other is not None:
        return enroller.take_over(args.other, args.force)
    return enroller.listed()
