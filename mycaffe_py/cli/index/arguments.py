"""The options of the jobs of `mycaffe index`; imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument, png_to_write
from mycaffe_py.cli.features import add_transform_arguments
from mycaffe_py.data.pictures.picture_arguments import add_picture_arguments

_USUAL_TOP = 20


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each job."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    _add_create(jobs.add_parser("create", help="make an index"))
    _add_add(jobs.add_parser("add", help="bring it up to date: new, changed and removed pictures"))
    remove = jobs.add_parser("remove", help="take out rows, or with --all the whole index")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("what", nargs="*", metavar="PATH", help="a file, folder, data set, record")
    remove.add_argument("--label", default="", metavar="L", help="all rows of this label")
    remove.add_argument("--all", action="store_true", help="the index itself")
    _add_judging(jobs)
    export = jobs.add_parser("export", help="write it for numpy, TensorBoard or faiss")
    export.add_argument("name", metavar="NAME")
    export.add_argument("way", choices=("npz", "tsv", "faiss"))
    export.add_argument("--out", type=Path, metavar="PATH", help="file, or for tsv folder")
    export.add_argument("--force", action="store_true", help="replace what is there")
    show = jobs.add_parser("list", help="show the indexes that are there")
    show.add_argument("name", nargs="?", metavar="NAME", help="one of them")
    for one in (remove, export, show):
        one.add_argument("--json", action="store_true", help="for machines")


def _add_create(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURES", help="folders, files, or data sets as X.SPLIT"
    )
    net = parser.add_argument_group("the net")
    net.add_argument(
        "--snapshot",
        type=Path,
        metavar="FILE",
        help=".caffemodel; without it the newest below here",
    )
    net.add_argument("--model", metavar="M", help="instead: a model text with --weights")
    net.add_argument("--weights", type=Path, metavar="W", help="its weights")
    net.add_argument("--blob", default="", metavar="B", help="whose values are kept (the encoding)")
    parser.add_argument("--name", default="", metavar="NAME", help="else that of the first folder")
    parser.add_argument(
        "--cosine", action="store_true", help="compare directions, 1 - cosine, not squared distance"
    )
    parser.add_argument("--force", action="store_true", help="replace an index of this name")
    _add_reading(parser)
    add_picture_arguments(parser)
    add_transform_arguments(parser.add_argument_group("with --model: what is done to each picture"))


def _add_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument(
        "pictures", nargs="*", metavar="PICTURES", help="without any, all that it was made of"
    )
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE", help="where the index's snapshot is now"
    )
    _add_reading(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", default="", metavar="L", help="of all these pictures")
    parser.add_argument(
        "--skip-unreadable", action="store_true", help="leave out files that cannot be read"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def _add_judging(jobs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doubles = jobs.add_parser("duplicates", help="pictures that are the same, or nearly")
    doubles.add_argument("name", metavar="NAME")
    doubles.add_argument(
        "--within", type=float, metavar="D",
        help="distance; without it 1/100 of what is usual between a row and its nearest",
    )  # fmt: skip
    far = jobs.add_parser("outliers", help="pictures far from the others of their label")
    far.add_argument("name", metavar="NAME")
    far.add_argument("-k", type=int, metavar="K", help="judged by the K nearest of the label (5)")
    for one in (doubles, far):
        one.add_argument(
            "--top", type=int, default=_USUAL_TOP, metavar="N", help=f"how many ({_USUAL_TOP})"
        )
        one.add_argument(
            "--sheet", type=png_to_write, metavar="PNG", help="write a picture of them"
        )
        one.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
        one.add_argument("--json", action="store_true", help="for machines")
