"""The Siamese training step in PyTorch: as users write it, and its faster variants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional


class _Branch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.ip1 = nn.Linear(800, 500)
        self.ip2 = nn.Linear(500, 10)
        self.feat = nn.Linear(10, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(self.conv1(x), 2)
        x = functional.max_pool2d(self.conv2(x), 2)
        x = functional.relu(self.ip1(x.flatten(1)))
        return self.feat(self.ip2(x))


def _loss(a: torch.Tensor, b: torch.Tensor, similar: torch.Tensor) -> torch.Tensor:
    squared = ((a - b) ** 2).sum(1)
    gap = torch.clamp(1.0 - (squared + 1e-12).sqrt(), min=0)
    return (similar * squared + (1 - similar) * gap**2).sum() / (2 * len(similar))


def _step(twins: bool, channels_last: bool, compiled: bool) -> Callable[[], Any]:
    layout = torch.channels_last if channels_last else torch.contiguous_format
    net = _Branch().to(memory_format=layout)
    rows = torch.rand(128, 1, 28, 28).contiguous(memory_format=layout)
    similar = (torch.rand(64) > 0.5).float()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=0.0005)

    def loss() -> torch.Tensor:
        if twins:
            return _loss(net(rows[:64]), net(rows[64:]), similar)
        out = net(rows)
        return _loss(out[:64], out[64:], similar)

    forward = torch.compile(loss) if compiled else loss

    def run() -> None:
        optimiser.zero_grad()
        forward().backward()
        optimiser.step()

    return run


def steps(threads: int) -> dict[str, Callable[[], Any]]:
    """Name and call of each variant that works here, warmed up, on so many threads."""
    torch.set_num_threads(threads)
    found = {
        "torch as users write it": _step(True, False, False),
        "torch concatenated": _step(False, False, False),
        "torch concat channels_last": _step(False, True, False),
    }
    for name, channels_last in (("torch compiled", False), ("torch compiled ch_last", True)):
        run = _step(False, channels_last, True)
        try:
            run()
        except RuntimeError as error:
            print(f"{name} does not work here: {str(error).splitlines()[0]}")
            continue
        found[name] = run
    for run in found.values():
        run()
    return found
