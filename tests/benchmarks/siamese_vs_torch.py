"""A training step of siamese_28x28 against PyTorch: same net, weights, data and batch of 64 pairs.

    python -m tests.benchmarks.siamese_vs_torch [--rounds 30] [--block 10] [--threads 1 2]

A step is forward, backward and the update (SGD, momentum 0.9). Ours makes its batches too, in the
background as in training, and learns the centroids; PyTorch's batches lie ready in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import read_job
from tests.benchmarks import torch_nets
from tests.benchmarks.training_vs_torch import compare, learned

_BATCHES = 8


def siamese_solver() -> Solver:
    """The template's training, with one rate."""
    return build_solver(read_job("siamese_28x28", ["solver.lr_policy=fixed"]), seed=1)


def first_batches(solver: Solver) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """The first batches of the TRAIN net: both pictures of each pair, and whether they match."""
    found = []
    for number in range(_BATCHES):
        solver.net.forward(number)
        pairs = torch.from_numpy(solver.net.blob("pair_data").copy())
        labels = solver.net.blob("sim")
        similar = torch.from_numpy((labels[:, 0] == labels[:, 1]).astype(np.float32))
        found.append((pairs[:, :1].contiguous(), pairs[:, 1:].contiguous(), similar))
    return found


def _theirs() -> dict[str, Callable[[], Any]]:
    """PyTorch's variants, all from our first weights."""
    solver = siamese_solver()
    weights = learned(solver)
    pairs = first_batches(solver)
    stacked = [(torch.cat([a, b]), similar) for a, b, similar in pairs]

    def step(loss_of: Any, batches: Any, **how: bool) -> Callable[[], float]:
        net = torch_nets.siamese()
        net.take(weights)
        return torch_nets.training_step(net, loss_of, batches, **how)

    one = partial(step, torch_nets.one_pass, stacked)
    return {
        "PyTorch as users write it": step(torch_nets.two_passes, pairs, fused=False),
        "PyTorch, twins concatenated": one(),
        "PyTorch, concatenated, channels-last": one(channels_last=True),
        "PyTorch, concatenated, compiled": one(compiled=True),
        "PyTorch, concatenated, channels-last, compiled": one(channels_last=True, compiled=True),
    }


def main() -> None:
    """Print the tables."""
    about = __doc__ or ""
    compare("tests.benchmarks.siamese_vs_torch", about, "step, 64 pairs", siamese_solver, _theirs)


if __name__ == "__main__":
    main()
