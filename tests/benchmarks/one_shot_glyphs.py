"""One example each, of what no training has seen: letters of other scripts, and handwritten digits.

    mycaffe dataset create glyphs
    python -m tests.benchmarks.one_shot_glyphs [--sides baselines prototypical torch ...]
        [--seeds 1 2 3] [--iterations 2000] [--batch 128 2] [--split testing] [--letters glyphs]

Nets learn from the letters of the training scripts; no digit of any script is among these. Asked
for are letters of the scripts of --split, 5 or 20 classes of one script or 20 of all, one example
and one query each, in 400 episodes; and the 10,000 digits of MNIST.testing, from one example each
out of MNIST.training, in 50 draws. The nearest example is the answer.

Settings were chosen on the validation scripts (--split validation) and, for digits, on the built-in
digits28 by --digits digits28: nobody looked at the scripts of testing or at MNIST while choosing.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from mycaffe_py.data.source import open_source
from mycaffe_py.engine.threads import set_threads
from tests.benchmarks.one_shot_glyphs_baselines import baselines
from tests.benchmarks.one_shot_glyphs_nets import BATCH, TEMPLATES, Trained, ours, theirs
from tests.benchmarks.one_shot_glyphs_task import TASKS, measured

SIDES = ("baselines", *TEMPLATES, "torch")
# How many letters the baselines' units are taken from.
_SOME = 5000


def main() -> None:
    """Print the table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument(
        "--batch", type=int, nargs=2, default=BATCH, metavar=("CLASSES", "EACH"),
        help="classes a batch and pictures of each; nets that learn from pairs have 64 pairs",
    )  # fmt: skip
    parser.add_argument("--split", default="testing")
    parser.add_argument("--letters", default="glyphs")
    parser.add_argument("--digits", default="MNIST")
    args = parser.parse_args()
    set_threads(1)
    torch.set_num_threads(1)
    training = open_source(f"{args.letters}.training")
    sources = (
        open_source(f"{args.letters}.{args.split}"),
        open_source(f"{args.digits}.training"),
        open_source(f"{args.digits}.testing"),
    )
    print(f"| one example each | seed | {' | '.join(TASKS)} | s of a core |")
    print(f"|---|---|{'---:|' * (len(TASKS) + 1)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for kind in args.sides:
            if kind == "baselines":
                for side in baselines(training.images[:: len(training) // _SOME]):
                    marks, spread = measured(side, *sources)
                    _print(side.name, "", marks, f" ± {spread:.1f}", "")
                continue
            every = []
            for seed in args.seeds:
                batch = tuple(args.batch)
                trained = _trained(kind, args.iterations, seed, batch, training, Path(folder))
                marks, spread = measured(trained.side, *sources)
                every.append(marks)
                _print(
                    trained.side.name, str(seed), marks, f" ± {spread:.1f}", f"{trained.core_s:.0f}"
                )
            _print_mean(trained.side.name, np.stack(every))


def _trained(
    kind: str, iterations: int, seed: int, batch: tuple[int, int], training, folder: Path
) -> Trained:
    if kind == "torch":
        return theirs(iterations, seed, training, batch)
    return ours(kind, iterations, seed, training, folder, batch)


def _print(name: str, seed: str, marks: np.ndarray, spread: str, core_s: str) -> None:
    told = " | ".join(f"{mark:.1f}" for mark in marks)
    print(f"| {name} | {seed} | {told}{spread} | {core_s} |", flush=True)


def _print_mean(name: str, every: np.ndarray) -> None:
    """Mean and standard deviation over seeds."""
    if len(every) < 2:
        return
    pairs = zip(every.mean(0), every.std(0, ddof=1), strict=True)
    told = " | ".join(f"{mean:.1f} ± {spread:.1f}" for mean, spread in pairs)
    print(f"| {name} | mean of {len(every)} | {told} | |", flush=True)


if __name__ == "__main__":
    main()
