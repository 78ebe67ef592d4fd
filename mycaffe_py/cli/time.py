"""`mycaffe time`: where the time of a training step goes."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.evaluate.timing.timed_net import TimedNet

NAME = "time"
HELP = "Take the time of a net, layer by layer, and of a whole training step."
EXAMPLES = """\
  mycaffe time --solver siamese_28x28.solver         a whole step: data, forward, backward, update
  mycaffe time --model lenet --threads 1             forward and backward, without an update
  mycaffe time --model lenet --passes none           layer by layer as in Caffe, nothing optimised
  mycaffe time --model lenet --passes merge_twins    only this pass
  mycaffe time --model mine.prototxt --phase TEST    forward alone
  mycaffe time --solver lenet.solver --iterations 200 --json > lenet.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to time, and how it is compiled."""
    from mycaffe_py.cli.arguments import add_state_arguments
    from mycaffe_py.cli.log_flags import add_glog_arguments

    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", metavar="FILE", help="model text: a file or a template")
    what.add_argument("--solver", metavar="FILE", help="solver text: its update is timed too")
    parser.add_argument(
        "--iterations", type=int, default=50, metavar="N",
        help="medians of so many whole steps, and as many with a clock on each layer (50)",
    )  # fmt: skip
    parser.add_argument(
        "--phase", choices=("TRAIN", "TEST"), type=str.upper, default="TRAIN",
        help="the net to time; TEST runs forward alone (TRAIN)",
    )  # fmt: skip
    add_state_arguments(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument(
        "--passes", default="all", metavar="NAME[,NAME]",
        help="optimising passes of the compiler: all, none, or some of them (all)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="for machines")
    add_glog_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Compile the net, take the time, tell it."""
    from mycaffe_py.cli.log_flags import tell_passed_over
    from mycaffe_py.engine.threads import set_threads
    from mycaffe_py.errors import UserError

    tell_passed_over(args, logs=False)
    threads = set_threads(args.threads)
    from mycaffe_py.evaluate.timing.machine import peak_gflops, this_machine
    from mycaffe_py.evaluate.timing.timing import time_net
    from mycaffe_py.evaluate.timing.timing_report import TimingReport
    from mycaffe_py.graph.told.named_code import code_lines

    if args.iterations < 1:
        raise UserError(f"--iterations {args.iterations}", wanted="a median needs at least 1")
    made = _prepared(args)
    net = made.net
    for line in code_lines([net.graph]):
        print(line, file=sys.stderr)
    print("Warming up; kernels are compiled once on a machine ...", file=sys.stderr, flush=True)
    learns = args.phase == "TRAIN"
    timing = time_net(net, args.iterations, backward=learns, update=made.update)
    machine, peak = this_machine(), peak_gflops()
    graph = net.graph
    report = TimingReport(graph.name, args.phase, graph.notes, machine, threads, peak, timing)
    print(json.dumps(report.as_json()) if args.json else "\n".join(report.lines()))
    return 0


def _prepared(args: argparse.Namespace) -> TimedNet:
    from mycaffe_py.cli.arguments import stages
    from mycaffe_py.evaluate.timing.timed_net import chosen_passes, timed_model, timed_solver
    from mycaffe_py.proto import mycaffe_pb2 as pb

    passes = chosen_passes(args.passes)
    if args.solver:
        return timed_solver(args.solver, args.phase, passes)
    state = pb.NetState(phase=args.phase, level=args.level, stage=stages(args))
    return timed_model(args.model, state, passes)
