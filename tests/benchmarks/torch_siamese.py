"""The Siamese training step in PyTorch on made-up pairs: as users write it, and faster variants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tests.benchmarks import torch_nets


def steps(threads: int) -> dict[str, Callable[[], Any]]:
    """Name and call of each variant, warmed up, on so many threads."""
    torch.set_num_threads(threads)
    a, b = torch.rand(2, 64, 1, 28, 28)
    similar = (torch.rand(64) > 0.5).float()
    both = [(torch.cat([a, b]), similar)]
    plain = torch_nets.training_step(
        torch_nets.siamese(), torch_nets.two_passes, [(a, b, similar)], fused=False
    )
    found = {"torch as users write it": plain}
    for name, how in (
        ("torch concatenated", {}),
        ("torch concat channels_last", {"channels_last": True}),
    ):
        found[name] = torch_nets.training_step(
            torch_nets.siamese(), torch_nets.one_pass, both, **how
        )
    for run in found.values():
        run()
    return found
