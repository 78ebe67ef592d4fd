"""A training step of lenet against PyTorch: same net, weights, data and batch of 64 pictures.

    python -m tests.benchmarks.lenet_vs_torch [--rounds 30] [--block 10] [--threads 1 2]

A step is forward, backward and the update (SGD, momentum 0.9, weight decay 0.0005). Ours makes its
batches too, in the background as in training; PyTorch's lie ready in memory.
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


def _solver() -> Solver:
    return build_solver(read_job("lenet", ["solver.lr_policy=fixed"]), seed=1)


def _batches(solver: Solver) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The first batches of the TRAIN net."""
    found = []
    for number in range(_BATCHES):
        solver.net.forward(number)
        pictures = torch.from_numpy(solver.net.blob("data").copy())
        labels = solver.net.blob("label").reshape(-1).astype(np.int64)
        found.append((pictures, torch.from_numpy(labels)))
    return found


def _theirs() -> dict[str, Callable[[], Any]]:
    """PyTorch's variants, all from our first weights."""
    solver = _solver()
    weights = learned(solver)
    batches = _batches(solver)

    def step(**how: bool) -> Callable[[], float]:
        net = torch_nets.lenet()
        net.take(weights)
        run = partial(torch_nets.training_step, net, torch_nets.classified, batches)
        return run(weight_decay=0.0005, **how)

    return {
        "PyTorch as users write it": step(fused=False),
        "PyTorch, fused update": step(),
        "PyTorch, channels-last": step(channels_last=True),
        "PyTorch, compiled": step(compiled=True),
        "PyTorch, channels-last, compiled": step(channels_last=True, compiled=True),
    }


def main() -> None:
    """Print the tables."""
    compare("tests.benchmarks.lenet_vs_torch", __doc__ or "", "step, batch 64", _solver, _theirs)


if __name__ == "__main__":
    main()
