"""Floor 8. `mycaffe train`: train the net of a solver text."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.texts import Job

NAME = "train"
HELP = "Train a net as a solver text says."
EXAMPLES = """\
  mycaffe train --solver siamese_28x28.solver
  mycaffe train --solver mine.solver --set solver.base_lr=0.02 --set solver.max_iter=2000
  mycaffe train --solver mine.solver --set net.layer.conv1.convolution_param.num_output=30
  mycaffe train --solver mine.solver --weights first.caffemodel     start from learned weights
  mycaffe train --solver mine.solver --snapshot snapshots/mine_iter_500.solverstate   go on
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to train, from where, for how long."""
    parser.add_argument(
        "--solver", required=True, metavar="FILE", help="solver text: a file or a template"
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--weights",
        metavar="FILE[,FILE]",
        default="",
        help="start from these .caffemodel files; layers are found by name",
    )
    start.add_argument(
        "--snapshot", metavar="FILE", default="", help="go on from this .solverstate"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of all random numbers of the run")
    add_run_arguments(parser)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """What train and resume have in common."""
    parser.add_argument(
        "--iterations", type=int, metavar="N", help="stop after iteration N instead of max_iter"
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="cores to use; the result is the same"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="solver.FIELD=VALUE",
        dest="overrides",
        help="change a field of the solver text, or of the model with net.FIELD=VALUE",
    )


def overrides(args: argparse.Namespace) -> list[str]:
    """All --set options, with --iterations as the last. Errors: less than one iteration."""
    from mycaffe_py.errors import UserError

    if args.iterations is not None and args.iterations < 1:
        raise UserError(f"--iterations {args.iterations}", wanted="a run has at least 1")
    extra = [] if args.iterations is None else [f"solver.max_iter={args.iterations}"]
    return [*args.overrides, *extra]


def run(args: argparse.Namespace) -> int:
    """Train; 130 when it was interrupted."""
    from pathlib import Path

    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.texts import read_job

    job = read_job(args.solver, overrides(args))
    start = Start(
        seed=args.seed,
        weights=tuple(Path(name.strip()) for name in args.weights.split(",") if name.strip()),
        state=Path(args.snapshot) if args.snapshot else None,
    )
    return train(job, start)


def train(job: Job, start: Start) -> int:
    """Run the job, draw its picture, and return the exit code."""
    from mycaffe_py.cli.main import INTERRUPTED
    from mycaffe_py.snapshot.names import SnapshotFiles
    from mycaffe_py.solver.run import train

    solver = train(job, start)
    if solver.stopping:
        return INTERRUPTED
    if solver.last_snapshot is not None:
        _draw(SnapshotFiles.beside(solver.last_snapshot).weights)
    return 0


def _draw(weights: Path) -> None:
    """The picture of the run; the run itself counts as done without it."""
    from mycaffe_py.errors import MyCaffeError
    from mycaffe_py.evaluate.draw_run import draw_run

    try:
        for picture in draw_run(weights):
            print(f"Picture of the run: {picture}")
    except MyCaffeError as error:
        print(f"No picture of the run: {error}", file=sys.stderr)
