"""A training step of siamese_28x28 beside a process that keeps one core busy.

    python -m tests.benchmarks.busy_neighbour [--rounds 12] [--block 20]

The step of 64 pairs on one thread and on two, in turn, first alone and then while a process that is
bound to one core computes without end. A second thread that waits for a core it does not get would
make the step longer than one thread takes: the ratio says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from mycaffe_py.engine.threads import set_threads
from tests.benchmarks import interleaved
from tests.benchmarks.siamese_vs_torch import siamese_solver

_BUSY = "import os; os.sched_setaffinity(0, {%d})\nwhile True: pass"


@contextmanager
def busy_core() -> Iterator[None]:
    """A process computes on the last core this one may use."""
    core = max(os.sched_getaffinity(0))
    with subprocess.Popen([sys.executable, "-c", _BUSY % core]) as process:
        try:
            yield
        finally:
            process.kill()


def _on(threads: int) -> Callable[[], None]:
    """A step of a training of its own on so many threads."""
    solver = siamese_solver()

    def step() -> None:
        set_threads(threads)
        solver.step()

    return step


def _print(told: str, rounds: int, block: int) -> None:
    calls = {f"{threads} thread{'s' * (threads > 1)}": _on(threads) for threads in (1, 2)}
    found = interleaved.measure(calls, rounds, block)
    one, two = found.values()
    ratios = two.block_ms / one.block_ms
    low, high = interleaved.interval(ratios)
    print(
        f"{told}: {one.median_ms:.2f} ms on one thread, {two.median_ms:.2f} on two, "
        f"{np.median(ratios):.2f} x the time ({low:.2f} to {high:.2f})",
        flush=True,
    )


def main() -> None:
    """Print both lines."""
    args = interleaved.options(__doc__, rounds=12, block=20)
    interleaved.print_head("tests.benchmarks.busy_neighbour")
    _print("alone", args.rounds, args.block)
    with busy_core():
        _print("beside a busy process", args.rounds, args.block)


if __name__ == "__main__":
    main()
