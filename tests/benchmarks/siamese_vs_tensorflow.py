"""A training step of siamese_28x28 against TensorFlow: same net, weights and batches of 64 pairs.

    python -m tests.benchmarks.siamese_vs_tensorflow --python TF/bin/python
        [--rounds 30] [--block 10] [--threads 1 2]

TensorFlow runs in an environment of its own (python -m venv TF; TF/bin/pip install tensorflow), as
a function that it has made a graph of, and as one that XLA has compiled; it answers through a pipe,
which takes less than a tenth of a ms. The channels of its pictures come last. A step is forward,
backward and the update (SGD, momentum 0.9); ours makes its batches too, TensorFlow's lie ready.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.benchmarks import interleaved
from tests.benchmarks.siamese_vs_torch import first_batches, siamese_solver
from tests.benchmarks.training_vs_torch import learned

_STEPS = Path(__file__).with_name("tensorflow_steps.py")
_STEPS_COMPARED = 3


def _write(path: Path) -> None:
    """What TensorFlow begins with."""
    solver = siamese_solver()
    weights = {f"w{number}": array for number, array in enumerate(learned(solver))}
    batches = first_batches(solver)
    np.savez(
        path,
        pairs=np.stack([np.concatenate([a, b]) for a, b, _ in batches]),
        similar=np.stack([np.asarray(similar) for _, _, similar in batches]),
        **weights,
    )


def _theirs(python: str, words: list[str], open_ones: ExitStack) -> tuple[str, Callable[[], float]]:
    """The name of a side, and a call that makes a step of it."""
    process = open_ones.enter_context(
        subprocess.Popen(
            [python, str(_STEPS), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": words[1]},
        )
    )
    assert process.stdin and process.stdout
    ask, answers = process.stdin, process.stdout
    name = answers.readline().strip()
    if not name:
        raise SystemExit(f"{python} cannot run {_STEPS}: is tensorflow installed there?")

    def step() -> float:
        ask.write("\n")
        ask.flush()
        return float(answers.readline())

    return name, step


def main() -> None:
    """Print the tables."""
    own = argparse.ArgumentParser(add_help=False)
    own.add_argument("--python", required=True, help="of an environment with tensorflow")
    args = interleaved.options(__doc__ or "", rounds=30, block=10, more=own)
    interleaved.print_head("tests.benchmarks.siamese_vs_tensorflow")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_ones:
        file = Path(folder, "begin.npz")
        _write(file)
        for threads in args.threads:
            interleaved.use_threads(threads)
            sides = {}
            for how in ([], ["--compiled"]):
                name, step = _theirs(args.python, [str(file), str(threads), *how], open_ones)
                solver = siamese_solver()
                for _ in range(_STEPS_COMPARED):
                    loss = step()
                    solver.step()
                what = f"loss of step {_STEPS_COMPARED}"
                interleaved.same(solver.smoothed.value, loss, name, what)
                sides[f"{name}{', compiled by XLA' if how else ''}"] = step
            ours = siamese_solver()
            found = interleaved.measure({"ours": ours.step, **sides}, args.rounds, args.block)
            unit = f"step, 64 pairs, {threads} thread{'s' * (threads > 1)}"
            interleaved.print_table(found, "ours", unit)


if __name__ == "__main__":
    main()
