"""The arithmetic of a step on one net; solver/shards does it on the shards of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mycaffe_py.engine.net import Net
from mycaffe_py.layers.base import Array

Found = TypeVar("Found")


class Work:
    """Forward, backward, and what has to be brought together where several nets do them."""

    def __init__(self, net: Net) -> None:
        self.net = net

    @property
    def own_nets(self) -> Sequence[Net]:
        """The nets of this process: one, or one for each shard that it works on."""
        return [self.net]

    def forward(self, batch: int) -> float:
        """Compute a batch; returns its loss."""
        return self.net.forward(batch)

    def backward(self) -> None:
        """Compute the gradients of that batch, which add up."""
        self.net.backward()

    def reduce(self) -> None:
        """Bring the gradients together before the update; there is one net."""

    def spread(self) -> None:
        """Give all processes the weights after the update; there is one process."""

    def gather(self, arrays: Sequence[Array]) -> None:
        """Bring flat arrays that processes hold in parts together in the first, to be saved."""

    def outputs(self) -> dict[str, Any]:
        """The outputs of the last batch, as plain numbers or lists."""
        return {name: self.net.blob(name).tolist() for name in self.net.graph.outputs}

    def carried(self) -> list[Array]:
        """What layers carry from batch to batch besides their parameters."""
        return self.net.carried()

    def carry_on(self, saved: Sequence[Array]) -> None:
        """Go on with what `carried` was; arrays of other shapes are left alone."""
        arrays = self.net.carried()
        if [array.shape for array in saved] == [array.shape for array in arrays]:
            for array, value in zip(arrays, saved, strict=True):
                array[...] = value

    def look(self, at: Callable[[Net], Found | None]) -> Found | None:
        """What `at` finds in the net."""
        return at(self.net)
