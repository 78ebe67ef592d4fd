"""`mycaffe film`: how the map of a run formed, as animation and as a page to turn."""

from __future__ import annotations

import argparse
from pathlib import Path

from mycaffe_py.cli.arguments import file_to_write

NAME = "film"
HELP = "Render how the map formed while a run with --film trained: GIF, WebP, HTML page."
EXAMPLES = """\
  mycaffe train --solver siamese_28x28.solver --film      take the film while it trains
  mycaffe film                                            newest film below this folder: GIF, HTML
  mycaffe film --run snapshots/siamese_28x28 --out talk.webp --seconds 20 --dark
  mycaffe film --snapshot snapshots/siamese_28x28_iter_3000.caffemodel --out half.gif
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which film, and what to make of it."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--snapshot", type=Path, metavar="FILE", help="a file of a snapshot: the film up to there"
    )
    which.add_argument(
        "--run", type=Path, metavar="PREFIX",
        help="how the files of the run begin; without it the newest film below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=file_to_write, action="append", metavar="FILE",
        help=".gif, .webp or .html, also several times; without it PREFIX.html and PREFIX.gif",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="length of the animation (10)"
    )
    parser.add_argument(
        "--width", type=int, default=1280, metavar="PX", help="of the animation (1280)"
    )
    parser.add_argument("--dark", action="store_true", help="light on dark")


def run(args: argparse.Namespace) -> int:
    """Write what was asked for, one file after the other."""
    from mycaffe_py.evaluate.film.find import find_film
    from mycaffe_py.evaluate.film.render import check_endings, render, usual_files

    check_endings(args.out or ())
    found = find_film(args.snapshot, args.run)
    show = found.show
    first, last = int(show.iterations[0]), int(show.iterations[-1])
    print(f"{show.frames} frames, iterations {first:,} to {last:,}", flush=True)
    for path in args.out or usual_files(found):
        render(found, path, args.seconds, args.width, args.dark)
        print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)", flush=True)
    return 0
