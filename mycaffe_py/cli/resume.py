"""`mycaffe resume`: go on with a run from its newest snapshot."""

from __future__ import annotations

import argparse

from mycaffe_py.cli.arguments import add_run_arguments
from mycaffe_py.cli.run_length import with_length
from mycaffe_py.cli.train import train

NAME = "resume"
HELP = "Go on with a run from a snapshot; the newest below this folder unless one is named."
EXAMPLES = """\
  mycaffe resume
  mycaffe resume snapshots/siamese_28x28_iter_3000.solverstate
  mycaffe resume --iterations 12000                              train for longer than planned
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to go on from, and changes to the texts."""
    parser.add_argument(
        "snapshot", nargs="?", metavar="FILE", help="a .solverstate; its run card lies beside it"
    )
    parser.set_defaults(overwrite=False)
    add_run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train on; the texts and the seed come from the run card."""
    from pathlib import Path

    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.parallel.joined import joined
    from mycaffe_py.snapshot.names import STATE, SnapshotFiles, newest
    from mycaffe_py.snapshot.run_card import RunCard
    from mycaffe_py.solver.run import Start
    from mycaffe_py.solver.texts import job_of_card

    with joined() as team:
        given = Path(args.snapshot) if args.snapshot else newest(Path(), STATE)
        files = SnapshotFiles.of_state(given)
        card = RunCard.read(files.card)
        job = with_length(lambda changes: job_of_card(card, changes), args, new=False)
        return train(job, Start(state=files.state), args, team)
