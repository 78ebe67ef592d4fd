"""The net of one shard, and what it tells of a forward so that shards can be joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.step import Step
from mycaffe_py.layers.base import Array


@dataclass(frozen=True)
class Part:
    """The values of a blob in one shard, and of how many things they are the mean.

    None: they are a sum.
    """

    values: Array
    count: float | None = 1.0


@dataclass(frozen=True)
class Noted:
    """What a shard tells of its forward, by names of tops and of layers.

    `losses` are the sums of the tops that count towards the loss. `observed` is what layers with
    state learn from.
    """

    losses: dict[str, Part] = field(default_factory=dict)
    outputs: dict[str, Part] = field(default_factory=dict)
    observed: dict[str, tuple[Array, ...]] = field(default_factory=dict)


class ShardNet(Net):
    """A net whose graph is that of one shard of a batch."""

    def note(self, batch: int) -> Noted:
        """Compute this shard of a batch, and note what the others have to know."""
        self.run.batch_number = batch
        noted = Noted()
        counts: dict[str, float | None] = {}
        # What a layer looks at may be written over by a later one, so it is asked at once.
        for step in self._steps:
            step.forward()
            node, io = step
            if node.has_loss or node.layer.measures:
                counts[node.tops[0]] = 0 if step.rests() else node.layer.mean_of(io)
            for name, top, _ in _weighed(step):
                total = np.asarray(io.tops[top].sum(dtype=np.float64))
                noted.losses[name] = Part(total, counts.get(name, 1.0))
            seen = () if step.rests() else node.layer.observed(io)
            if seen:
                noted.observed[node.name] = tuple(array.copy() for array in seen)
        for name in self.graph.outputs:
            noted.outputs[name] = Part(self.blob(name).copy(), counts.get(name, 1.0))
        return noted

    def weigh(self, shares: Mapping[str, float]) -> None:
        """Let the losses of this shard count with these shares of those of the batch."""
        for step in self._steps:
            for name, top, weight in _weighed(step):
                if step.node.backward:
                    step.io.dtops[top][...] = weight * shares[name]

    def loss_weights(self) -> dict[str, float]:
        """The weight of each top that counts towards the loss."""
        return {name: weight for step in self._steps for name, _, weight in _weighed(step)}


def _weighed(step: Step) -> Iterator[tuple[str, int, float]]:
    """Name, number and weight of the tops that count towards the loss."""
    node = step.node
    for number, (name, weight) in enumerate(zip(node.tops, node.loss_weights, strict=True)):
        if weight:
            yield name, number, weight
