"""`mycaffe plot`: the map a snapshot has learned, as one picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument, png_to_write

NAME = "plot"
HELP = "Draw the map a snapshot has learned: the last frame of its film, or made from the snapshot."
EXAMPLES = """\
  mycaffe plot                                             newest snapshot below this folder
  mycaffe plot --snapshot snapshots/siamese_28x28_iter_8000.caffemodel --out map.png --dark
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which snapshot, and where to."""
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to draw; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=png_to_write, metavar="PNG", help="without it PREFIX_iter_N.map.png"
    )
    parser.add_argument("--dark", action="store_true", help="light on dark")
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")


def run(args: argparse.Namespace) -> int:
    """Write the picture."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.evaluate.film.draw_map import draw_map
    from mycaffe_py.evaluate.pictures.run_picture import check_plotting
    from mycaffe_py.trained.snapshot import open_snapshot

    check_plotting()
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    print(f"Map of the snapshot: {draw_map(snapshot, args.out, args.dark)}")
    return 0
