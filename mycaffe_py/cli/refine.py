"""`mycaffe refine`: a base and the head chosen for it, trained end to end."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import folder_to_write

if TYPE_CHECKING:
    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.evaluate.designs.refining import Schedule

NAME = "refine"
HELP = "Join a base and a ranked head into one net, train it end to end, compare the marks."
EXAMPLES = """\
  mycaffe refine --base lenet --base-weights snapshots/lenet_iter_10000.caffemodel --blob ip1 \\
      --head cosine --head-weights ranking/runs/cosine-seed1-0123456789abcdef.caffemodel \\
      --source DIGITS.training

The source holds the images behind the table that rank was given, in its order: then marks before
and after are those of rank, on the same pairs. First the head learns alone, then all of it, the
base --base-rate times as fast. Texts and snapshots of both stages are left in --out. A big base
needs memory for every image of a step: --examples 8 takes an eighth of what 64 pairs do.
"""
_ITERATIONS, _FROZEN, _RATE, _BATCH = 500, 100, 0.1, 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Base, head, images, and how they are trained."""
    parser.add_argument("--base", required=True, metavar="M", help="model text of the base")
    parser.add_argument("--base-weights", required=True, type=Path, metavar="W", help="its weights")
    parser.add_argument("--blob", required=True, metavar="B", help="the feature a head begins at")
    parser.add_argument("--head", required=True, metavar="H", help="text of the head, or its name")
    parser.add_argument(
        "--head-weights", required=True, type=Path, metavar="W", help="its weights, from rank"
    )
    parser.add_argument("--source", required=True, metavar="X.SPLIT", help="labelled images")
    parser.add_argument(
        "--resize", metavar="WxH", help="bring images to this size, as for features"
    )
    parser.add_argument(
        "--split-by", choices=("item", "class"), default="item", help="as for rank (item)"
    )
    parser.add_argument("--unseen", default="", metavar="L,L", help="as for rank")
    _add_training_arguments(parser)
    parser.add_argument(
        "--batch", type=int, default=_BATCH, metavar="N",
        help=f"images at a time, for marks ({_BATCH})",
    )  # fmt: skip
    parser.add_argument(
        "--out",
        type=folder_to_write,
        default=Path("refined"),
        metavar="FOLDER",
        help="results (refined)",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="marks for machines, at the end")


def _add_training_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how fast, with how much at a time."""
    parser.add_argument(
        "--frozen", type=int, default=_FROZEN, metavar="N",
        help=f"iterations with the base frozen, 0 for none ({_FROZEN})",
    )  # fmt: skip
    parser.add_argument(
        "--iterations", type=int, default=_ITERATIONS, metavar="N",
        help=f"then, with all of it learning ({_ITERATIONS})",
    )  # fmt: skip
    parser.add_argument(
        "--base-rate", type=float, default=_RATE, metavar="F",
        help=f"times the base's own lr_mult ({_RATE})",
    )  # fmt: skip
    parser.add_argument("--solver", default="heads", metavar="S", help="how it learns (heads)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the batches (1)")
    parser.add_argument(
        "--examples", type=int, metavar="N",
        help="pairs or triplets a step; memory grows with them (as in the head's text)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measure, train in two stages, measure again."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.cli.main import INTERRUPTED
    from mycaffe_py.evaluate.designs.head import read_head
    from mycaffe_py.evaluate.designs.parts import split, unseen_labels
    from mycaffe_py.evaluate.designs.refinement import refine_in_stages
    from mycaffe_py.evaluate.designs.refining import Together
    from mycaffe_py.files.plain_json import dumps

    _check(args)
    head = read_head(args.head)
    together = Together(args.base, args.base_weights, args.blob, head, args.head_weights)
    source = _source(args)
    parts = split(source, args.split_by, unseen_labels(args.unseen, source))
    found = refine_in_stages(together, source, parts, args.split_by, _schedule(args))
    if found is None:
        return INTERRUPTED
    stored = found.write(args.out)
    if args.json:
        print(dumps(found.as_json(), indent=1))
        return 0
    print("\n".join(found.lines()))
    print(f"Weights: {found.weights}, results: {stored}")
    return 0


def _source(args: argparse.Namespace) -> ArraySource:
    from mycaffe_py.data.pictures.picture_arguments import size_of
    from mycaffe_py.data.source import open_source
    from mycaffe_py.evaluate.features.feature_images import resized_source

    source = open_source(args.source)
    if args.resize is None:
        return source
    return resized_source(source, size_of(args.resize, "--resize")[::-1])


def _schedule(args: argparse.Namespace) -> Schedule:
    from mycaffe_py.evaluate.designs.refining import Schedule, Stage

    stages = (Stage("frozen", args.frozen, 0.0), Stage("all", args.iterations, args.base_rate))
    return Schedule(stages, args.solver, args.seed, args.examples, args.batch, args.out)


def _check(args: argparse.Namespace) -> None:
    from mycaffe_py.errors import UserError

    limits = {"frozen": 0, "iterations": 1, "examples": 2, "batch": 1, "seed": 0}
    for name, least in limits.items():
        value = getattr(args, name)
        if value is not None and value < least:
            raise UserError(f"--{name} is {value}", wanted=f"at least {least}")
    if not 0 < args.base_rate < float("inf"):
        raise UserError(f"--base-rate is {args.base_rate:g}", wanted="a number above 0")
    if args.unseen and args.split_by != "class":
        raise UserError("--unseen without --split-by class", do="Add --split-by class.")
