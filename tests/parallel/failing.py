"""Fails on the processes that mpiexec has started, in the way its word says; run by the tests."""

from __future__ import annotations

import os
import signal
import sys

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.parallel.joined import joined
from mycaffe_py.parallel.run import train
from mycaffe_py.solver.hooks.hook import Hook, Run
from mycaffe_py.solver.manner import Manner
from mycaffe_py.solver.run import Start
from mycaffe_py.solver.team import Team
from mycaffe_py.solver.texts import read_job

CHANGES = ("solver.shards=4", "solver.max_iter=50", "solver.snapshot_prefix=out/run")


class Acts(Hook):
    """Does `act` in process 1, behind iteration 3."""

    def __init__(self, act: str) -> None:
        self.act = act

    def after_step(self, solver: Run) -> None:
        if solver.iteration != 3 or solver.together.rank != 1:
            return
        if self.act == "alone":
            raise MyCaffeError("this machine is on fire")
        if self.act == "nan":
            solver.params.data[:] = float("nan")
        if self.act == "SIGTERM":
            os.kill(os.getpid(), signal.SIGTERM)


def main(act: str, team: Team) -> None:
    """Train, until the act."""
    job = read_job("tiny.solver", CHANGES)
    train(job, Start(seed=1), Manner(), team=team, hooks=[Acts(act)])


if __name__ == "__main__":
    try:
        with joined() as members:
            main(sys.argv[1], members)
    except MyCaffeError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error
