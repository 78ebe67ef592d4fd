"""`mycaffe test IMAGE...` and, as Caffe has it, `mycaffe test --model --weights`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument, add_state_arguments, stages
from mycaffe_py.cli.log_flags import add_log_arguments, caffe_log
from mycaffe_py.cli.unread import tell_unread
from mycaffe_py.data.pictures.picture_arguments import add_picture_arguments, asked_of

NAME = "test"
HELP = "Tell what a snapshot takes pictures for, or measure a model as Caffe's test does."
EXAMPLES = """\
  mycaffe test three.png                       any size, also dark ink on light paper
  mycaffe test *.jpg --json
  mycaffe test drawn.png --snapshot snapshots/siamese_28x28_iter_8000.caffemodel
  mycaffe test --model lenet.prototxt --weights lenet.caffemodel --iterations 100
"""
_ITERATIONS = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pictures and the snapshot to ask, or a model and its weights."""
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel to ask; without it the newest below this folder",
    )  # fmt: skip
    add_picture_arguments(parser)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--model", metavar="FILE", help="model text to measure, in phase TEST")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="its weights")
    parser.add_argument(
        "--iterations", type=int, default=_ITERATIONS, metavar="N",
        help=f"batches to take the mean of ({_ITERATIONS})",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    add_code_argument(parser)
    add_state_arguments(parser)
    add_log_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Tell what the pictures are taken for, or measure the model."""
    from mycaffe_py.engine.threads import set_threads
    from mycaffe_py.errors import UserError

    set_threads(args.threads)
    if args.model is not None or args.weights is not None:
        return _test_model(args)
    if not args.images:
        raise UserError(
            "there is nothing to test",
            do="Name pictures, or a model and its weights with --model and --weights.",
        )
    return _test_pictures(args)


def _test_pictures(args: argparse.Namespace) -> int:
    from mycaffe_py.evaluate.picture_answers import answer_pictures
    from mycaffe_py.trained.snapshot import open_snapshot

    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    answers = answer_pictures(snapshot, args.images, asked_of(args))
    print(json.dumps(answers.as_json()) if args.json else "\n".join(answers.lines()))
    return tell_unread(answers.unread)


def _test_model(args: argparse.Namespace) -> int:
    """Caffe's lines to standard output, or into the log that --caffe-log asks for."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.test_model import open_tested, test_lines
    from mycaffe_py.graph.told.named_code import code_lines
    from mycaffe_py.solver.data_words import tested_lines

    if args.model is None or args.weights is None:
        raise UserError(
            f"{'--weights' if args.model is None else '--model'} alone",
            wanted="a model is measured with its weights",
            do="Give both --model FILE and --weights FILE.",
        )
    if args.images or args.snapshot or args.json:
        raise UserError(
            "pictures, --snapshot and --json do not go with --model",
            do="Pictures are asked of a snapshot that 'mycaffe train' wrote. Of Caffe's files a "
            "program asks: caffe.Classifier(MODEL, WEIGHTS).predict, or 'mycaffe export onnx'.",
        )
    if args.iterations < 1:
        raise UserError(f"--iterations {args.iterations}", wanted="a mean needs at least 1 batch")
    net = open_tested(args.model, args.weights, args.level, stages(args), args.run_code)
    for line in [*code_lines([net.graph]), *tested_lines(net.graph)]:
        print(line, file=sys.stderr)
    with caffe_log(args) as log:
        for place, line in test_lines(net, args.iterations):
            if log is not None:
                log.say(place, line)
            if log is None or not log.on_stderr:
                print(line)
    return 0
