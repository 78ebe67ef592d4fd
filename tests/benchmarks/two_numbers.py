"""What two numbers a picture can do: siamese_28x28 beside its recipe in PyTorch, on the same seeds.

    python -m tests.benchmarks.two_numbers [--seeds 1 2 ...] [--iterations 8000]
        [--sides ours torch] [--best siamese_28x28_best]

Both sides start from the same weights and learn from the same pairs of MNIST by the template's
solver: SGD with momentum 0.9, the rate by its policy, biases twice as fast, contrastive loss with
margin 2. A test digit is of the class whose mean of all training features is the nearest, for both.
"best" is another template by its own text. On each line the percent of 10,000 test digits told
right; then mean and standard deviation over the seeds, and of PyTorch's difference seed by seed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.source import open_source
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import read_job
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot
from tests.benchmarks import torch_nets
from tests.benchmarks.one_shot_glyphs_task import Encode, euclidean
from tests.benchmarks.training_vs_torch import learned

_MODEL = "siamese_28x28"
_AT_ONCE = 250


def _solver(model: str, iterations: int, seed: int) -> Solver:
    return build_solver(read_job(model, [f"solver.max_iter={iterations}"]), seed=seed)


def _accuracy(encode: Encode, training: ArraySource, testing: ArraySource) -> float:
    """Percent of `testing` that is nearest to the mean of its class in `training`."""
    rows = encode(training.images)
    means = np.stack([rows[training.labels == label].mean(axis=0) for label in range(10)])
    answers = euclidean(encode(testing.images), means).argmin(axis=1)
    return 100 * float((answers == testing.labels).mean())


def _ours(model: str, iterations: int, seed: int, training: ArraySource, folder: Path) -> Encode:
    solver = _solver(model, iterations, seed)
    for _ in range(iterations):
        solver.step()
    snapshot = open_snapshot(save(solver, folder / f"{model}_{seed}").weights)
    return RunNet(snapshot, training, _AT_ONCE).encodings


def _theirs(iterations: int, seed: int) -> Encode:
    """PyTorch's net from our first weights, on our pairs, with the rates of our solver."""
    feeder = _solver(_MODEL, iterations, seed)
    net = torch_nets.siamese()
    net.take(learned(feeder))
    sgd = torch_nets.sgd(net, 0.0, fused=True)
    usual = [group["lr"] for group in sgd.param_groups]
    options = feeder.text
    data = feeder.net.steps[0]
    for number in range(iterations):
        feeder.net.run.batch_number = number
        data.forward()
        labels = feeder.net.blob("sim")
        both = torch.from_numpy(
            np.concatenate([feeder.net.blob("data"), feeder.net.blob("data_p")]).copy()
        )
        similar = torch.from_numpy((labels[:, 0] == labels[:, 1]).astype(np.float32))
        shrunk = (1 + options.gamma * number) ** -options.power
        for group, rate in zip(sgd.param_groups, usual, strict=True):
            group["lr"] = rate * shrunk
        sgd.zero_grad()
        torch_nets.one_pass(net, both, similar).backward()
        sgd.step()

    def encode(images: np.ndarray) -> np.ndarray:
        pictures = torch.from_numpy(images.astype(np.float32) / np.float32(256))
        with torch.no_grad():
            return torch.cat([net(part) for part in pictures.split(_AT_ONCE)]).numpy()

    return encode


def main() -> None:
    """Print a line for each side and seed, then the means."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--iterations", type=int, default=8000)
    parser.add_argument("--sides", nargs="+", default=["ours", "torch"])
    parser.add_argument("--best", default="siamese_28x28_best")
    args = parser.parse_args()
    set_threads(1)
    torch.set_num_threads(1)
    training, testing = open_source("MNIST.training"), open_source("MNIST.testing")
    found: dict[str, list[float]] = {side: [] for side in args.sides}
    with tempfile.TemporaryDirectory() as name:
        for seed in args.seeds:
            for side in args.sides:
                before = time.process_time()
                if side == "torch":
                    encode = _theirs(args.iterations, seed)
                else:
                    model = _MODEL if side == "ours" else args.best
                    encode = _ours(model, args.iterations, seed, training, Path(name))
                found[side].append(_accuracy(encode, training, testing))
                core_s = time.process_time() - before
                print(f"{side}, seed {seed}: {found[side][-1]:.2f} %, {core_s:.0f} s", flush=True)
    for side, marks in found.items():
        _print_mean(side, np.array(marks))
    if {"ours", "torch"} <= set(found):
        _print_mean("torch - ours", np.array(found["torch"]) - np.array(found["ours"]))


def _print_mean(name: str, marks: np.ndarray) -> None:
    spread = marks.std(ddof=1) if len(marks) > 1 else np.nan
    print(
        f"{name}: {marks.mean():.2f} ± {spread:.2f} over {len(marks)} seeds "
        f"({marks.min():.2f} to {marks.max():.2f})"
    )


if __name__ == "__main__":
    main()
