"""Floor 8. `mycaffe train`: train the net of a solver text."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING

from mycaffe_py.cli.log_flags import add_log_arguments, caffe_log
from mycaffe_py.cli.run_length import add_length_arguments, with_length

if TYPE_CHECKING:
    from pathlib import Path

    from mycaffe_py.proto.mycaffe_pb2 import NetState
    from mycaffe_py.solver.glog import Glog
    from mycaffe_py.solver.manner import Manner
    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.texts import Job

# Fields of the solver text with options of their own.
_BEST = (
    ("--keep-best", "keep_best", "NAME", "keep the snapshot of the best test by this TEST output"),
    ("--patience", "patience", "N", "stop after so many tests in a row without a better figure"),
)
NAME = "train"
HELP = "Train a net as a solver text says."
EXAMPLES = """\
  mycaffe train --solver siamese_28x28.solver
  mycaffe train --solver mine.solver --set solver.base_lr=0.02 --set solver.max_iter=2000
  mycaffe train --solver mine.solver --set net.layer.conv1.convolution_param.num_output=30
  mycaffe train --solver mine.solver --weights first.caffemodel     start from learned weights
  mycaffe train --solver mine.solver --snapshot snapshots/mine_iter_500.solverstate   go on
  mycaffe train --solver siamese_28x28.solver --film         then: mycaffe film
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


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """What train and resume have in common."""
    add_length_arguments(parser)
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
    for option, field, value, what in _BEST:
        parser.add_argument(
            option, dest="overrides", action="append", metavar=value,
            type=f"solver.{field}={{}}".format, help=what,
        )  # fmt: skip
    add_log_arguments(parser)
    parser.add_argument(
        "--film", nargs="?", type=int, const=-1, metavar="EVERY",
        help="keep a film of how the map forms for 'mycaffe film': a frame early on, then every so "
        "many iterations (about 100 frames; 0: none)",
    )  # fmt: skip
    for name, effect in (("sigint", "stop"), ("sighup", "snapshot")):
        parser.add_argument(
            f"--{name}_effect", choices=("stop", "snapshot", "none"), default=effect,
            help=f"what {name.upper()} does ({effect})",
        )  # fmt: skip


def add_state_arguments(parser: argparse.ArgumentParser) -> None:
    """Caffe's flags for the layers of a net that are there; and its --gpu, which does nothing."""
    parser.add_argument("--level", type=int, default=0, metavar="N", help="of the net's state (0)")
    parser.add_argument(
        "--stage", default="", metavar="NAME[,NAME]", help="of the net's state, besides the text's"
    )
    parser.add_argument("--gpu", metavar="ID", help="taken and passed over: all runs on the CPU")


def stages(args: argparse.Namespace) -> tuple[str, ...]:
    """The stages of --stage; says that --gpu does nothing."""
    if args.gpu is not None:
        print(f"--gpu {args.gpu} is passed over: all runs on the CPU", file=sys.stderr)
    return tuple(name.strip() for name in args.stage.split(",") if name.strip())


def run(args: argparse.Namespace) -> int:
    """Train; 130 when it was interrupted."""
    from pathlib import Path

    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.texts import read_job

    name, state = _solver(args), _train_state(args)
    job = with_length(lambda changes: read_job(name, changes, state), args, new=not args.snapshot)
    start = Start(
        seed=args.seed,
        weights=tuple(Path(name.strip()) for name in args.weights.split(",") if name.strip()),
        state=Path(args.snapshot) if args.snapshot else None,
    )
    return train(job, start, args)


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


def train(job: Job, start: Start, args: argparse.Namespace) -> int:
    """Run the job, draw its picture, and return the exit code."""
    from mycaffe_py.cli.main import INTERRUPTED
    from mycaffe_py.snapshot.names import SnapshotFiles
    from mycaffe_py.solver.run import train

    with caffe_log(args, going_on=start.state is not None) as log:
        solver = train(job, start, _manner(args, log))
    if solver.stopping:
        return INTERRUPTED
    if solver.last_snapshot is not None:
        weights = SnapshotFiles.beside(solver.last_snapshot).weights
        _settle_centroids(weights)
        _draw(weights)
    return 0


def _manner(args: argparse.Namespace, log: Glog | None) -> Manner:
    """What the options say of signals, of the log, of the film and of an earlier run's files."""
    from mycaffe_py.solver.manner import Manner

    command = shlex.join(["mycaffe", *args.words])
    return Manner(args.sigint_effect, args.sighup_effect, log, args.film, args.overwrite, command)


def _settle_centroids(weights: Path) -> None:
    """Those of the final features, for all that later asks for classes; the line says so."""
    from mycaffe_py.errors import MyCaffeError
    from mycaffe_py.evaluate.final_weights import final_means
    from mycaffe_py.evaluate.loaded_net import run_graph
    from mycaffe_py.evaluate.snapshot import open_snapshot

    try:
        # The run itself has run what the texts name.
        snapshot = open_snapshot(weights, run_code=True)
        if snapshot.decodes:
            final_means(snapshot, run_graph(snapshot, 1))
    except MyCaffeError as error:
        print(f"No centroids of the final features: {error}", file=sys.stderr)


def _draw(weights: Path) -> None:
    """The picture of the run; the run itself counts as done without it."""
    from mycaffe_py.errors import MyCaffeError
    from mycaffe_py.evaluate.draw_run import draw_run

    try:
        for picture in draw_run(weights, run_code=True):
            print(f"Picture of the run: {picture}")
    except MyCaffeError as error:
        print(f"No picture of the run: {error}", file=sys.stderr)
