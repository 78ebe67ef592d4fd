"""From the command to the first iteration, to 90 %, and how much memory training takes.

    MYCAFFE_MNIST=FOLDER python -m tests.benchmarks.startup [--repeats 3] [--threads 2]

Every figure is of a process of its own, started as a user starts it: `python -m mycaffe_py train`.
The data set is made beforehand, in a folder of this program's, and so is the kernel cache.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mycaffe_py
from mycaffe_py.evaluate.timing.machine import this_machine

# By the line of iteration 1, iteration 0 is done to its end.
_FIRST = re.compile(r"Iteration 1\b")
_TEST = re.compile(r"Iteration (\d+), Testing net .*accuracy1 = ([\d.]+)")
_ENOUGH = 0.9
_LONG = 1500
_MIB = 1024


@dataclass(frozen=True)
class Run:
    """What a training process did, in s from the command on; `cpu_s` is what it computed in all."""

    first_s: float
    enough_s: float | None
    enough_iteration: int
    cpu_s: float
    peak_mib: float


class Trainer:
    """Starts training processes in `folder`."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder = folder
        self.threads = threads

    def run(self, cache: Path, *options: str) -> Run:
        """Train siamese_28x28 with `options` and kernels cached in `cache`."""
        command = [
            sys.executable, "-m", "mycaffe_py", "train", "--solver", "siamese_28x28",
            "--seed", "1", "--threads", str(self.threads), *options,
        ]  # fmt: skip
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(mycaffe_py.__file__).parents[1]),
            "NUMBA_CACHE_DIR": str(cache),
            "MYCAFFE_DATA": str(self.folder / "data"),
        }
        start = time.perf_counter()
        complaints = self.folder / "stderr.txt"
        with complaints.open("w") as stderr, subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, text=True,
            stderr=stderr,
        ) as process:  # fmt: skip
            found = _follow(process.stdout or [], start)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{complaints.read_text()}")
        return Run(*found, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _MIB)


def _follow(lines: Iterable[str], start: float) -> tuple[float, float | None, int]:
    """Seconds to the first iteration; to enough accuracy, and the iteration that had it."""
    first, enough, iteration = 0.0, None, 0
    for line in lines:
        now = time.perf_counter() - start
        if not first and _FIRST.match(line):
            first = now
        test = _TEST.match(line)
        if test and enough is None and float(test.group(2)) >= _ENOUGH:
            enough, iteration = now, int(test.group(1))
    return first, enough, iteration


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        trainer = Trainer(Path(name), args.threads)
        _print(trainer, Path(name), args.repeats)


def _print(trainer: Trainer, folder: Path, repeats: int) -> None:
    few = ("--iterations", "3", "--set", "solver.display=1")
    print(f"`{' '.join(['python -m tests.benchmarks.startup', *sys.argv[1:]])}`\n")
    print(f"{this_machine()}, {trainer.threads} threads\n")
    trainer.run(folder / "other", *few)
    cold = trainer.run(folder / "cache", *few)
    warm = [trainer.run(folder / "cache", *few) for _ in range(repeats)]
    seconds = [run.first_s for run in warm]
    print(
        f"command to first iteration, empty kernel cache: {cold.first_s:.1f} s "
        f"(processor time of the whole command {cold.cpu_s:.1f} s)"
    )
    print(
        f"command to first iteration, warm: {statistics.median(seconds):.2f} s (median of "
        f"{repeats}, {min(seconds):.2f} to {max(seconds):.2f}; processor time of the whole "
        f"command {min(run.cpu_s for run in warm):.2f} s)"
    )
    often = ("--iterations", str(_LONG), "--set", "solver.test_interval=100")
    trainer.run(folder / "cache", "--iterations", "101", *often[2:])
    long = trainer.run(folder / "cache", *often)
    if long.enough_s is None:
        print(f"command to {_ENOUGH:.0%} test accuracy: not reached in {_LONG} iterations")
    else:
        print(
            f"command to {_ENOUGH:.0%} test accuracy, warm: {long.enough_s:.1f} s, "
            f"{long.enough_iteration} iterations, tested every 100"
        )
    print(f"peak memory of the process, {_LONG} iterations with tests: {long.peak_mib:.0f} MiB")
    print(f"peak memory while kernels are compiled: {cold.peak_mib:.0f} MiB")


if __name__ == "__main__":
    main()
