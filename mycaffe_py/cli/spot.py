"""`mycaffe spot`: where in large pictures a small one occurs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument, file_to_write, place_to_write
from mycaffe_py.cli.unread import tell_unread
from mycaffe_py.data.pictures.picture_arguments import add_picture_arguments, asked_of

NAME = "spot"
HELP = "Find where in large pictures a small one occurs (pattern spotting)."
EXAMPLES = """\
  mycaffe spot seven.png page.png
  mycaffe spot seven.png page.png --out boxed.png --sheet places.png
  mycaffe spot logo.png scans/*.png -k 3 --within 0.5 --csv places.csv --out boxed
  mycaffe spot seven.png page.png --scales 0.5,0.7,1,1.4,2 --json

The net looks at windows of each page that are as large as the query times each of --scales, and
tells the -k nearest places, no two of which overlap much. Distances are squared, from the place to
the mean of the query turned and moved a little. What lies farther than the threshold is left out:
--within, or without it the threshold that 'mycaffe threshold' stored beside the snapshot; without
both nothing is. A net that reads its pictures by their ink, as those of MNIST, follows the ink of a
window to where it ends; where things touch this cannot be done, and the distance counts twice.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Query, pages, the snapshot to ask, how near and how many, and where results go."""
    parser.add_argument("query", type=Path, metavar="QUERY", help="the small picture to look for")
    parser.add_argument("pages", nargs="+", type=Path, metavar="LARGE", help="pictures to look in")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to ask; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--scales", metavar="S,S,...",
        help="sizes of things on a page against that of the query (0.8,0.9,1,1.12,1.25)",
    )  # fmt: skip
    parser.add_argument("-k", type=int, default=10, metavar="N", help="places a page at most (10)")
    parser.add_argument(
        "--within", type=float, metavar="D",
        help="squared distance beyond which a place is left out; inf: none is",
    )  # fmt: skip
    parser.add_argument(
        "--out",
        type=place_to_write,
        metavar="PNG",
        help="the page with boxes; of several pages a folder",
    )
    parser.add_argument("--sheet", type=file_to_write, metavar="PNG", help="the places, cut out")
    parser.add_argument(
        "--csv",
        type=file_to_write,
        metavar="FILE",
        help="a line for each place; tabs in a file FILE.tsv",
    )
    add_picture_arguments(parser)
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Look through each page, write what was asked for, and tell which could not be read."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.errors import UserError
    from mycaffe_py.retrieve.spotting.drawing import check_names, write_boxed, write_sheet
    from mycaffe_py.retrieve.spotting.report import (
        SCALES,
        given_scales,
        given_within,
        spot_pages,
        write_table,
    )
    from mycaffe_py.retrieve.spotting.spotter import Spotter
    from mycaffe_py.trained.kept_threshold import read
    from mycaffe_py.trained.snapshot import open_snapshot

    if args.k < 1:
        raise UserError(f"-k is {args.k}", wanted="1 or more")
    given = None if args.within is None else given_within(args.within)
    scales = SCALES if args.scales is None else given_scales(args.scales)
    check_names(args.out, args.sheet, len(args.pages))
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    spotter = Spotter(snapshot, scales, asked_of(args))
    query = spotter.query(args.query)
    found = spot_pages(spotter, snapshot, query, args.pages, args.k, given or read(snapshot))
    written = write_boxed(found, args.out) if args.out else []
    written += [write_sheet(found, args.sheet)] if args.sheet else []
    written += [write_table(found, args.csv)] if args.csv else []
    if args.json:
        print(json.dumps({**found.as_json(), "files": [str(file) for file in written]}))
    else:
        print("\n".join([*found.lines(), *([""] if written else []), *map(str, written)]))
    return tell_unread(found.unread)
