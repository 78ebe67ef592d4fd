"""`mycaffe retrieval`: how well a snapshot's encodings find items of the same class."""

from __future__ import annotations

import argparse
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument, png_to_write

NAME = "retrieval"
HELP = "Measure a snapshot by the marks of metric learning: recall@k, MAP@R, TAR at FAR and kin."
EXAMPLES = """\
  mycaffe retrieval                                    the TEST net's items among themselves
  mycaffe retrieval --queries MNIST.testing --gallery MNIST.training
  mycaffe retrieval --items 1000 --sheet worst.png     1000 queries, and a picture of the worst
  mycaffe retrieval --queries LETTERS.testing --json   also of classes that the net never learned

Every query is compared with all items of the gallery, itself left out. recall@k: one of the k
nearest is of its class. R-precision, MAP@R: with R items of its class in the gallery, how many of
the R nearest are of it, and how early. mAP: the same over the whole gallery. MRR: 1 / rank of the
first right one. AUC, EER, TAR at FAR: how well a distance tells whether two items are of one class
(false accept rate FAR: unlike pairs taken for like ones; TAR: like pairs found).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which snapshot, what is searched where, and what to write."""
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to measure; without it the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--queries", default="", metavar="X.SPLIT",
        help="what is searched for; without it the source of the TEST net",
    )  # fmt: skip
    parser.add_argument(
        "--gallery", default="", metavar="X.SPLIT",
        help="what is searched in; without it the queries themselves",
    )  # fmt: skip
    parser.add_argument("--items", type=int, metavar="N", help="how many queries; without it all")
    parser.add_argument(
        "--cosine", action="store_true", help="distance 1 - cosine in place of the squared distance"
    )
    parser.add_argument("--sheet", type=png_to_write, metavar="PNG", help="draw the worst queries")
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Measure, print, draw."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.files.plain_json import dumps
    from mycaffe_py.retrieve.distances import Metric
    from mycaffe_py.retrieve.judged.measured import measure_retrieval
    from mycaffe_py.retrieve.judged.told import retrieval_json, retrieval_lines
    from mycaffe_py.retrieve.judged.worst import draw_worst
    from mycaffe_py.trained.snapshot import open_snapshot, open_testing

    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    queries = open_testing(snapshot, args.queries)
    gallery = open_testing(snapshot, args.gallery) if args.gallery else None
    metric: Metric = "cosine" if args.cosine else "squared"
    found = measure_retrieval(snapshot, queries, gallery, args.items, metric)
    print(dumps(retrieval_json(found)) if args.json else "\n".join(retrieval_lines(found)))
    if args.sheet is not None:
        shown = draw_worst(found, args.sheet)
        if not args.json:
            print(f"\n{shown} worst queries drawn in {args.sheet}")
    return 0
