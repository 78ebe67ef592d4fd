"""`mycaffe features`: what a frozen base says of a dataset, kept as a dataset."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mycaffe_py.cli.arguments import add_code_argument
from mycaffe_py.data.pictures.picture_arguments import size_of

if TYPE_CHECKING:
    from mycaffe_py.evaluate.features.feature_base import FrozenBase
    from mycaffe_py.evaluate.features.transform_changes import TransformChanges
    from mycaffe_py.proto.mycaffe_pb2 import AugmentParameter

NAME = "features"
HELP = "Run a base once over a dataset and keep a blob of it as a dataset of features."
EXAMPLES = """\
  mycaffe features --model resnet50 --weights ResNet-50-model.caffemodel --blob pool5 \\
      --source PETS.training --bgr --mean-file ResNet_mean.binaryproto --crop 224
  mycaffe features --snapshot snapshots/lenet_iter_10000.caffemodel --blob ip1 \\
      --source MNIST.training --name DIGITS        then: data_param { source: "DIGITS.training" }
  mycaffe features ... --augment 30                30 variants of each image, the first as it is
  mpiexec -n 8 mycaffe features ...                on eight processes, with the same bytes
  mycaffe dataset export DIGITS.training npz digits.npz       for numpy; npy, csv and projector too
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base, the images, the table, and what is done to each image."""
    base = parser.add_argument_group("the base")
    base.add_argument("--model", metavar="M", help="model text: a file or a template")
    base.add_argument("--weights", type=Path, metavar="W", help="its weights")
    base.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help="instead of both, a .caffemodel of ours; transform_param is that of its run; "
        "without all three the newest one below this folder",
    )  # fmt: skip
    base.add_argument("--blob", metavar="B", required=True, help="whose values are kept")
    table = parser.add_argument_group("the table")
    table.add_argument("--source", metavar="X.SPLIT", required=True, help="images to run over")
    table.add_argument("--name", metavar="NAME", default="", help="of the table (X_B)")
    table.add_argument("--batch", type=int, default=8, metavar="N", help="images at a time (8)")
    table.add_argument("--dtype", default="float32", metavar="T", help="float32 or float16")
    table.add_argument("--augment", type=int, default=1, metavar="K", help="rows per image (1)")
    table.add_argument(
        "--augment-param", metavar="TEXT",
        help="how they differ, e.g. 'shift: 2 rotate: 10 flip: 0.5 crop: 0.2 brightness: 0.2'; "
        "without it the model's augment_param, or small moves",
    )  # fmt: skip
    table.add_argument("--seed", type=int, default=0, metavar="N", help="of the variants (0)")
    table.add_argument("--force", action="store_true", help="replace a table of this name")
    how = parser.add_argument_group("each image, where the model's text says otherwise")
    add_transform_arguments(how)
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")


def add_transform_arguments(group: argparse._ArgumentGroup) -> None:
    """What is done to each image, where a model's text says otherwise."""
    group.add_argument("--scale", type=float, metavar="F", help="factor, after the mean is off")
    group.add_argument("--mean-file", "--mean_file", metavar="FILE", help=".binaryproto or .npy")
    group.add_argument(
        "--mean-value", "--mean_value", type=float, nargs="+", metavar="V",
        help="one value, or one for each channel",
    )  # fmt: skip
    group.add_argument("--resize", metavar="WxH", help="bring images to this size before all else")
    group.add_argument("--crop", type=int, metavar="PIXELS", help="side of the square cut out")
    group.add_argument("--bgr", action="store_true", help="blue first, as Caffe's models want it")
    group.add_argument("--color", action="store_true", help="gray images as three channels")
    group.add_argument("--gray", action="store_true", help="colour images as one channel")


def run(args: argparse.Namespace) -> int:
    """Make the table, or go on with it."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.data.progress import Progress
    from mycaffe_py.data.source import open_source
    from mycaffe_py.evaluate.features.feature_report import FeatureReport
    from mycaffe_py.evaluate.features.features import Wanted, make_features
    from mycaffe_py.parallel.joined import joined
    from mycaffe_py.solver.team import in_turn

    wanted = Wanted(
        blob=args.blob,
        name=args.name,
        batch=args.batch,
        dtype=args.dtype,
        variants=args.augment,
        seed=args.seed,
        augment=_augment(args.augment_param),
        force=args.force,
        resize=None if args.resize is None else size_of(args.resize, "--resize")[::-1],
    )

    def bar(what: str, total: int, done: int) -> Any:
        return Progress(total, "row", what, done=done)

    with joined() as team:
        base = in_turn(team, lambda: _base(args))
        source = in_turn(team, lambda: open_source(args.source))
        param = changes_of(args).over(base.transform)
        table = make_features(base, param, source, wanted, bar, team)
        if table is not None:
            report = FeatureReport(table)
            print(json.dumps(report.as_json()) if args.json else "\n".join(report.lines()))
    return 0


def _base(args: argparse.Namespace) -> FrozenBase:
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.features.feature_base import base_of_snapshot, newest_base, open_base

    pair = args.model is not None, args.weights is not None
    if args.snapshot is not None:
        if any(pair):
            raise UserError("--snapshot brings model and weights along", do="Leave both out.")
        return base_of_snapshot(args.snapshot, args.run_code)
    if all(pair):
        return open_base(args.model, args.weights, args.run_code)
    if not any(pair) and (newest := newest_base(args.run_code)) is not None:
        return newest
    raise UserError(
        "no base is named" + ("" if any(pair) else ", and there is no snapshot below this folder"),
        wanted="--model with --weights, or --snapshot",
        do="'mycaffe features --help' shows examples.",
    )


def changes_of(args: argparse.Namespace) -> TransformChanges:
    """What these options ask for, --resize aside."""
    from mycaffe_py.evaluate.features.transform_changes import TransformChanges

    return TransformChanges(
        scale=args.scale,
        mean_file=args.mean_file,
        mean_value=args.mean_value,
        crop=args.crop,
        bgr=args.bgr,
        color=args.color,
        gray=args.gray,
    )


def _augment(text: str | None) -> AugmentParameter | None:
    from mycaffe_py.proto import mycaffe_pb2 as pb
    from mycaffe_py.proto.text import read_text

    if text is None:
        return None
    return read_text(text, pb.AugmentParameter, "--augment-param").message
