"""`mycaffe train`: train the net of a solver text."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import add_run_arguments, add_state_arguments, stages
from mycaffe_py.cli.log_flags import caffe_log
from mycaffe_py.cli.run_length import with_length

if TYPE_CHECKING:
    from pathlib import Path

    from mycaffe_py.proto.mycaffe_pb2 import NetState
    from mycaffe_py.solver.glog import Glog
    from mycaffe_py.solver.manner import Manner
    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.team import Team
    from mycaffe_py.solver.texts import Job

NAME = "train"
HELP = "Train a net as a solver text says."
EXAMPLES = """\
  mycaffe train --solver siamese_28x28.solver
  mycaffe train --solver mine.solver --set solver.base_lr=0.02 --set solver.max_iter=2000
  mycaffe train --solver mine.solver --set net.layer.conv1.convolution_param.num_output=30
  mycaffe train --solver mine.solver --weights first.caffemodel     start from learned weights
  mycaffe train --solver mine.solver --snapshot snapshots/mine_iter_500.solverstate   go on
  mycaffe train --solver siamese_28x28.solver --film         then: mycaffe film
  mpiexec -n 4 mycaffe train --solver mine.solver --shards 4    on four processes
  mycaffe train -solver mine.solver --caffe-log run.log        Caffe's flags, and a log as Caffe's
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to train, from where, for how long."""
    parser.add_argument("--solver", metavar="FILE", help="solver text: a file or a template")
    parser.add_argument(
        "solver_alone", nargs="?", metavar="SOLVER", help="the same, without --solver"
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
    parser.add_argument(
        "--overwrite", action="store_true",
        help="remove the files of an earlier run with the same snapshot_prefix; without it they "
        "are moved to PREFIX_runs/1, 2, ...",
    )  # fmt: skip
    add_state_arguments(parser)
    add_run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train; 130 when it was interrupted."""
    from pathlib import Path

    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.parallel.joined import joined
    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.texts import read_job

    start = Start(
        seed=args.seed,
        weights=tuple(Path(name.strip()) for name in args.weights.split(",") if name.strip()),
        state=Path(args.snapshot) if args.snapshot else None,
    )
    with joined() as team:
        name, state = _solver(args), _train_state(args)
        job = with_length(
            lambda changes: read_job(name, changes, state), args, new=not args.snapshot
        )
        return train(job, start, args, team)


def _solver(args: argparse.Namespace) -> str:
    """The solver text, named by --solver or alone, which is said."""
    from mycaffe_py.errors import UserError

    if (args.solver is None) == (args.solver_alone is None):
        raise UserError(
            "no solver text is named"
            if args.solver is None
            else f"'{args.solver_alone}' stands alone beside --solver {args.solver}",
            do="Write mycaffe train --solver FILE.",
        )
    if args.solver is None:
        print(f"{args.solver_alone} is taken as --solver {args.solver_alone}")
    name: str = args.solver or args.solver_alone
    return name


def _train_state(args: argparse.Namespace) -> NetState | None:
    """What --level and --stage add to the TRAIN net's state, where they say anything."""
    from mycaffe_py.proto.mycaffe_pb2 import NetState

    names = stages(args)
    if not args.level and not names:
        return None
    return NetState(level=args.level or None, stage=names)


def train(job: Job, start: Start, args: argparse.Namespace, team: Team) -> int:
    """Run the job on all processes of `team`, draw its picture, and return the exit code."""
    from mycaffe_py.cli.main import INTERRUPTED
    from mycaffe_py.parallel.run import train
    from mycaffe_py.snapshot.names import SnapshotFiles
    from mycaffe_py.trained.settle import settle_centroids

    with caffe_log(args, going_on=start.state is not None) as log:
        solver = train(job, start, _manner(args, log), team=team)
    if solver.stopping:
        return INTERRUPTED
    if solver.record.last_snapshot is not None and team.rank == 0:
        weights = SnapshotFiles.beside(solver.record.last_snapshot).weights
        settle_centroids(weights)
        _draw(weights)
    return 0


def _manner(args: argparse.Namespace, log: Glog | None) -> Manner:
    """What the options say of signals, of the log, of the film and of an earlier run's files."""
    from mycaffe_py.solver.manner import Manner

    command = shlex.join(["mycaffe", *args.words])
    return Manner(args.sigint_effect, args.sighup_effect, log, args.film, args.overwrite, command)


def _draw(weights: Path) -> None:
    """The picture of the run; the run itself counts as done without it."""
    from mycaffe_py.errors import MyCaffeError
    from mycaffe_py.evaluate.pictures.draw_run import draw_run

    try:
        for picture in draw_run(weights, run_code=True):
            print(f"Picture of the run: {picture}")
    except MyCaffeError as error:
        print(f"No picture of the run: {error}", file=sys.stderr)
