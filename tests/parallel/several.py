"""Trains nets for a few iterations on the processes that mpiexec has started; run by the tests.

    mpiexec -n N python -m tests.parallel.several FOLDER [NAME ...] [--dies]

writes FOLDER/THREADS/out/NAME_iter_2 and _iter_4; where NAME_iter_2 is there it goes on from it.
With --dies process 1 is killed behind iteration 3.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import numba

from mycaffe_py.parallel.joined import joined
from mycaffe_py.parallel.run import train
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.solver.hooks.hook import Hook, Run
from mycaffe_py.solver.manner import Manner
from mycaffe_py.solver.run import Start
from mycaffe_py.solver.team import Team
from mycaffe_py.solver.texts import read_job

NAMES = (
    "siamese_28x28",
    "siamese_28x28_best",
    "lenet",
    "siamese_lstm_telecom",
    "siamese_lstm_telecom_batchnorm",
)
BATCH = 16
SHARDS = 4
LENGTH = (
    f"solver.shards={SHARDS}", "solver.max_iter=4", "solver.snapshot=2", "solver.test_interval=2",
    "solver.display=1",
)  # fmt: skip


class Dies(Hook):
    """Kills process 1 behind iteration 3."""

    def after_step(self, solver: Run) -> None:
        if solver.iteration == 3 and solver.together.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)


def small(net: pb.NetParameter, where: Locations) -> Locations:
    """Let the data layers bring small batches."""
    for layer in net.layer:
        if layer.type == "Data":
            layer.data_param.batch_size = BATCH
    return where


def run(name: str, team: Team, hooks: Sequence[Hook] = ()) -> None:
    """Train one net in the current folder."""
    changes = [*LENGTH, f"solver.snapshot_prefix=out/{name}", "solver.test_iter=3"]
    job = read_job(f"{name}.solver", changes, edit=small)
    state = Path(f"out/{name}_iter_2.solverstate")
    start = Start(seed=1, state=state if state.exists() else None)
    train(job, start, Manner(), team=team, hooks=hooks)


def run_all(folder: Path, names: Sequence[str], team: Team, *, dies: bool = False) -> None:
    """Train nets by one thread, then by two."""
    for threads in (1, 2):
        numba.set_num_threads(threads)
        here = folder / str(threads)
        here.mkdir(parents=True, exist_ok=True)
        os.chdir(here)
        for name in names:
            run(name, team, [Dies()] if dies else ())


def main(words: Sequence[str]) -> None:
    """What the command line asks for."""
    folder, *names = (word for word in words if not word.startswith("--"))
    with joined() as team:
        run_all(Path(folder), names or NAMES, team, dies="--dies" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
