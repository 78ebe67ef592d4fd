"""A training step of siamese_lstm_telecom against PyTorch: same net, weights, data and triplets.

    python -m tests.benchmarks.lstm_vs_torch [--rounds 30] [--block 10] [--threads 1 2]

A step is forward, backward and the update (Adam) on 64 triplets of windows of 30 s, 192 sequences.
Ours makes its batches too, in the background as in training, and learns the centroids; PyTorch's
batches lie ready in memory. PyTorch's LSTM has two biases; one is held at 0, as ours has one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import torch
from torch import nn

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import read_job
from tests.benchmarks.training_vs_torch import compare, learned

_BATCHES = 8
_EPSILON = 1e-8
_FIXED = ["solver.lr_policy=fixed", "solver.clip_gradients=-1"]


class Traffic(nn.Module):
    """One branch: LSTM, its last state, InnerProduct to 3, Sigmoid."""

    def __init__(self, counters: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(counters, hidden, batch_first=True)
        self.ip = nn.Linear(hidden, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(x)
        return torch.sigmoid(self.ip(states[:, -1]))

    def take(self, arrays: list[np.ndarray]) -> None:
        """Copy our weights; the gates are in the order i, f, o, g here and i, f, g, o there."""
        w_x, b, w_h, w, b_out = (torch.from_numpy(array.copy()) for array in arrays)
        with torch.no_grad():
            for mine, given in (
                (self.lstm.weight_ih_l0, w_x),
                (self.lstm.bias_ih_l0, b),
                (self.lstm.weight_hh_l0, w_h),
            ):
                i, f, o, g = given.chunk(4)
                mine.copy_(torch.cat([i, f, g, o]))
            self.lstm.bias_hh_l0.zero_().requires_grad_(False)
            self.ip.weight.copy_(w)
            self.ip.bias.copy_(b_out)


def _solver() -> Solver:
    return build_solver(read_job("siamese_lstm_telecom", _FIXED), seed=1)


def _batches(solver: Solver) -> list[torch.Tensor]:
    """The first batches of the TRAIN net, (64, 3, 30, counters)."""
    found = []
    for number in range(_BATCHES):
        solver.net.forward(number)
        found.append(torch.from_numpy(solver.net.blob("triplets").copy()))
    return found


def _lossless(anchor: torch.Tensor, positive: torch.Tensor, negative: torch.Tensor) -> torch.Tensor:
    near = ((anchor - positive) ** 2).sum(1)
    far = ((anchor - negative) ** 2).sum(1)
    most = anchor.shape[1]
    pull = -torch.log(1 - near / most + _EPSILON)
    push = -torch.log(1 - (most - far) / most + _EPSILON)
    return (pull + push).mean()


def _three_passes(net: Traffic, windows: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return _lossless(*(net(window) for window in windows))


def _one_pass(net: Traffic, windows: torch.Tensor) -> torch.Tensor:
    return _lossless(*net(windows).chunk(3))


def _step(
    net: Traffic, loss_of: Callable[..., torch.Tensor], batches: list[Any], rate: float, fused: bool
) -> Callable[[], float]:
    trained = [value for value in net.parameters() if value.requires_grad]
    optimiser = torch.optim.Adam(trained, lr=rate, fused=fused)
    ready = cycle(batches)

    def step() -> float:
        optimiser.zero_grad()
        loss = loss_of(net, next(ready))
        loss.backward()
        optimiser.step()
        return loss.item()

    return step


def _theirs() -> dict[str, Callable[[], Any]]:
    """PyTorch's variants, all from our first weights."""
    solver = _solver()
    weights = learned(solver)
    triplets = _batches(solver)
    apart = [tuple(batch[:, k].contiguous() for k in range(3)) for batch in triplets]
    stacked = [torch.cat(parts) for parts in apart]

    def step(loss_of: Any, batches: list[Any], *, fused: bool, compiled: bool = False) -> Any:
        net = Traffic(triplets[0].shape[3], weights[2].shape[1])
        net.take(weights)
        loss_of = torch.compile(loss_of) if compiled else loss_of
        return _step(net, loss_of, batches, solver.text.base_lr, fused)

    return {
        "PyTorch as users write it": step(_three_passes, apart, fused=False),
        "PyTorch, fused update": step(_three_passes, apart, fused=True),
        "PyTorch, branches concatenated": step(_one_pass, stacked, fused=True),
        "PyTorch, concatenated, compiled": step(_one_pass, stacked, fused=True, compiled=True),
    }


def main() -> None:
    """Print the tables."""
    compare("tests.benchmarks.lstm_vs_torch", __doc__ or "", "step, 64 triplets", _solver, _theirs)


if __name__ == "__main__":
    main()
