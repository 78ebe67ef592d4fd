"""The nets of the templates in PyTorch, as users write them, and their faster variants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Batch = tuple[torch.Tensor, ...]
LossOf = Callable[..., torch.Tensor]


class Digits(nn.Module):
    """Two convolutions and `heads` inner products behind 800 features; ReLU behind the first."""

    def __init__(self, *heads: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        sizes = [800, *heads]
        self.heads = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], heads, strict=True))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(self.conv1(x), 2)
        x = functional.max_pool2d(self.conv2(x), 2)
        x = functional.relu(self.heads[0](x.flatten(1)))
        for head in list(self.heads)[1:]:
            x = head(x)
        return x

    def take(self, arrays: Sequence[Any]) -> None:
        """Copy weights and biases from `arrays`, in layer order."""
        with torch.no_grad():
            for mine, given in zip(self.parameters(), arrays, strict=True):
                mine.copy_(torch.from_numpy(given.copy()).reshape(mine.shape))


def siamese() -> Digits:
    """One branch of siamese_28x28."""
    return Digits(500, 10, 2)


def lenet() -> Digits:
    """lenet."""
    return Digits(500, 10)


def _contrastive(
    a: torch.Tensor, b: torch.Tensor, similar: torch.Tensor, margin: float = 2.0
) -> torch.Tensor:
    squared = ((a - b) ** 2).sum(1)
    gap = torch.clamp(margin - (squared + 1e-12).sqrt(), min=0)
    return (similar * squared + (1 - similar) * gap**2).sum() / (2 * len(similar))


def two_passes(net: Digits, a: torch.Tensor, b: torch.Tensor, similar: torch.Tensor) -> Any:
    """The loss of pairs, each branch on its own."""
    return _contrastive(net(a), net(b), similar)


def one_pass(net: Digits, both: torch.Tensor, similar: torch.Tensor) -> torch.Tensor:
    """The loss of pairs, both branches stacked: (2N, 1, 28, 28)."""
    a, b = net(both).chunk(2)
    return _contrastive(a, b, similar)


def classified(net: Digits, x: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """The loss of a classifier."""
    return functional.cross_entropy(net(x), label)


def sgd(net: nn.Module, weight_decay: float, fused: bool) -> torch.optim.Optimizer:
    """The templates' solver: biases learn twice as fast."""
    groups = [
        {"params": [p for p in net.parameters() if p.dim() > 1], "lr": 0.01},
        {"params": [p for p in net.parameters() if p.dim() == 1], "lr": 0.02},
    ]
    return torch.optim.SGD(groups, momentum=0.9, weight_decay=weight_decay, fused=fused)


def training_step(
    net: Digits,
    loss_of: LossOf,
    batches: Sequence[Batch],
    *,
    weight_decay: float = 0.0,
    channels_last: bool = False,
    compiled: bool = False,
    fused: bool = True,
) -> Callable[[], float]:
    """A call that trains on the next of `batches`, which lie ready, and gives the loss."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    net = net.to(memory_format=layout)
    ready = cycle([[_laid_out(x, layout) for x in batch] for batch in batches])
    optimiser = sgd(net, weight_decay, fused)
    forward = torch.compile(loss_of) if compiled else loss_of

    def step() -> float:
        optimiser.zero_grad()
        loss = forward(net, *next(ready))
        loss.backward()
        optimiser.step()
        return loss.item()

    return step


def _laid_out(x: torch.Tensor, layout: torch.memory_format) -> torch.Tensor:
    return x.contiguous(memory_format=layout) if x.dim() == 4 else x
