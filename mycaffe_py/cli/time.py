"""Floor 8. `mycaffe time`: where the time of a training step goes."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.engine.net import Net
    from mycaffe_py.evaluate.timing import Update
    from mycaffe_py.solver.texts import Job, NetText

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
    from mycaffe_py.cli.log_flags import add_glog_arguments
    from mycaffe_py.cli.train import add_state_arguments

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
    """Time it."""
    from mycaffe_py.cli.log_flags import tell_passed_over
    from mycaffe_py.engine.threads import set_threads
    from mycaffe_py.errors import UserError

    tell_passed_over(args, logs=False)
    threads = set_threads(args.threads)
    from mycaffe_py.evaluate.machine import peak_gflops, this_machine
    from mycaffe_py.evaluate.timing import time_net
    from mycaffe_py.evaluate.timing_table import count_note, layer_table, memory_line, totals
    from mycaffe_py.graph.named_code import code_lines

    if args.iterations < 1:
        raise UserError(f"--iterations {args.iterations}", wanted="a median needs at least 1")
    net, update = _prepared(args, _passes(args.passes))
    for line in code_lines([net.graph]):
        print(line, file=sys.stderr)
    print("Warming up; kernels are compiled once on a machine ...", file=sys.stderr, flush=True)
    timing = time_net(net, args.iterations, backward=args.phase == "TRAIN", update=update)
    machine, peak = this_machine(), peak_gflops()
    if args.json:
        about = {"net": net.graph.name, "phase": args.phase, "notes": net.graph.notes}
        where = {"machine": dataclasses.asdict(machine), "threads": threads, "peak_gflops": peak}
        figures = {**dataclasses.asdict(timing), "flop": timing.flop, "flop_done": timing.flop_done}
        print(json.dumps({**about, **where, **figures}))
        return 0
    times = f"{_steps(timing.iterations)} on {threads} thread{'s' * (threads > 1)}"
    print(f"{net.graph.name}, {args.phase}: {times}")
    print(f"{machine}; peak: {peak:.0f} GFLOP/s, a large matrix product")
    lines = [
        "",
        *layer_table(timing, peak),
        *count_note(timing),
        "",
        *totals(timing, peak),
        "",
        memory_line(timing.memory),
    ]
    print("\n".join(f"  {line}".rstrip() for line in [*lines, *net.graph.notes]))
    return 0


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"medians of {count:,} steps"


def _passes(words: str) -> tuple[str, ...]:
    from mycaffe_py.errors import UserError, nearest
    from mycaffe_py.graph.compile import ALL_PASSES

    if words in ("all", "none"):
        return ALL_PASSES if words == "all" else ()
    names = tuple(word.strip() for word in words.split(","))
    for name in names:
        if name not in ALL_PASSES:
            raise UserError(
                f"there is no pass '{name}'", do=nearest(name, ("all", "none", *ALL_PASSES))
            )
    return names


def _prepared(args: argparse.Namespace, passes: tuple[str, ...]) -> tuple[Net, Update | None]:
    """The net, ready to run, and its solver's update where there is one to time."""
    from mycaffe_py.engine.net import Net
    from mycaffe_py.graph.compile import compile_net

    job = _job(args.solver) if args.solver else None
    text = _text_of_job(job, args.phase) if job else _text_of_model(args)
    net = Net(compile_net(text.net, text.where, text.state, passes=passes))
    _fill_inputs(net)
    return net, _update(job, net) if job and args.phase == "TRAIN" else None


def _job(name: str) -> Job:
    from mycaffe_py.solver.texts import read_job

    return read_job(name)


def _text_of_job(job: Job, phase: str) -> NetText:
    from mycaffe_py.errors import UserError

    if phase == "TRAIN":
        return job.train
    if not job.tests:
        raise UserError(
            f"{job.card.file} has no TEST net", do="Name the model with --model instead."
        )
    return job.tests[0]


def _text_of_model(args: argparse.Namespace) -> NetText:
    from mycaffe_py.cli.train import stages
    from mycaffe_py.proto import mycaffe_pb2 as pb
    from mycaffe_py.solver.model_text import read_model

    state = pb.NetState(phase=args.phase, level=args.level, stage=stages(args))
    return read_model(args.model, state)


def _fill_inputs(net: Net) -> None:
    """Random numbers where a caller would put its own; zeros would make some layers faster."""
    from mycaffe_py.random_streams import stream

    for name in net.graph.inputs:
        blob = net.blob(name)
        blob[...] = stream(0, f"time/{name}").random(blob.shape)


def _update(job: Job, net: Net) -> Update:
    from mycaffe_py.solver.rates import learning_rate
    from mycaffe_py.solver.updates import Updater

    updater = Updater(net.params, job.solver, job.where)

    def update(iteration: int) -> None:
        updater.apply(learning_rate(job.solver, iteration, 0)[0], iteration)

    return update
