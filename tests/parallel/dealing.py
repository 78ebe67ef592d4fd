"""Deals tasks to the processes that mpiexec has started, in the way its word says; run by tests."""

from __future__ import annotations

import os
import signal
import sys
import time

from mycaffe_py.cli.main import INTERRUPTED
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.parallel.joined import joined
from mycaffe_py.solver.team import Team

TASKS = range(20)


def main(act: str, team: Team) -> None:
    """Print what is made of the tasks, and by how many processes."""

    def make(task: int) -> tuple[int, int]:
        time.sleep(0.02)
        if act == "raises" and team.rank == 1:
            raise MyCaffeError("this machine is on fire")
        if act == "dies" and team.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if act.startswith("interrupts") and act.endswith(str(team.rank)):
            os.kill(os.getpid(), signal.SIGINT)
        return task * task, team.rank

    made = list(dealt(team, TASKS, make, ahead=4))
    print([square for square, _ in made], len({rank for _, rank in made}))


if __name__ == "__main__":
    try:
        with joined() as members:
            main(sys.argv[1], members)
    except MyCaffeError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
