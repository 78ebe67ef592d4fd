"""Seconds of training steps on one process or several, or of their exchange alone, as JSON.

    python -m tests.benchmarks.scaling_steps lenet --shards 8
    mpiexec -n 2 python -m tests.benchmarks.scaling_steps lenet
    mpiexec -n 2 python -m tests.benchmarks.scaling_steps --exchange

Each process has one thread. scaling_model.py starts this.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.parallel.joined import joined
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.team import Team
from mycaffe_py.solver.texts import read_job
from tests.benchmarks.parallel_training import job_of

_UNTIMED = 3
_SIZES = [1 << exponent for exponent in range(10, 26, 3)]


def main() -> None:
    """Print what the first process has measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("net", nargs="?")
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--exchange", action="store_true")
    args = parser.parse_args()
    set_threads(1)
    with joined() as team:
        found = _exchange(team) if args.exchange else _steps(team, args)
        if team.rank == 0:
            print(json.dumps(found))


def _steps(team: Team, args: argparse.Namespace) -> dict[str, object]:
    if args.net == "siamese_28x28":
        job = read_job(args.net, ["solver.lr_policy=fixed", f"solver.shards={args.shards}"])
    else:
        job = job_of(args.net, args.shards)
    solver = build_solver(job, 1, team=team)
    if args.net == "resnet50":
        blob = solver.net.blob("data")
        blob[...] = np.random.default_rng(1).normal(size=blob.shape)
    return {
        "steps": _timed(solver.step, args.steps),
        "update": float(np.median(_timed(partial(solver.updater.apply, 1e-9, 1), args.steps))),
        "values": int(solver.net.params.data.size),
    }


def _exchange(team: Team) -> dict[int, float]:
    """Seconds of what a step exchanges with so many bytes of gradients."""
    found = {}
    for size in _SIZES:
        part = np.ones(size // team.ranks, np.uint8)
        sent = [[] if q == team.rank else [part] for q in range(team.ranks)]
        got = [[] if q == team.rank else [np.empty_like(part)] for q in range(team.ranks)]
        found[size] = float(np.median(_timed(partial(_once, team, sent, got), 50)))
    return found


def _once(team: Team, sent: list[list[np.ndarray]], got: list[list[np.ndarray]]) -> None:
    """Words, the sums of segments, the weights of segments."""
    team.tell(None)
    team.swap(sent, got)
    team.swap(sent, got)


def _timed(call: Callable[[], object], times: int) -> list[float]:
    found = []
    for number in range(_UNTIMED + times):
        start = time.perf_counter()
        call()
        if number >= _UNTIMED:
            found.append(time.perf_counter() - start)
    return found


if __name__ == "__main__":
    main()
