"""Floor 5. What stands for a layer when a net runs with shapes that only a forward knows."""

from __future__ import annotations

from collections.abc import Callable

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import Layer, LayerContext, LayerIO, LayerPlan, Shape


class _Standing(Layer):
    """Runs a layer under its type."""

    type = ""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        vars(self).update(type=layer.type)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """That of the layer."""
        return self.layer.plan(ctx)

    def forward(self, io: LayerIO) -> None:
        """That of the layer."""
        self.layer.forward(io)

    def backward(self, io: LayerIO) -> None:
        """That of the layer."""
        self.layer.backward(io)


class Telling(_Standing):
    """A layer with varying tops: after its forward the net is told."""

    def __init__(self, layer: Layer, tell: Callable[[], None]) -> None:
        super().__init__(layer)
        self.tell = tell

    def forward(self, io: LayerIO) -> None:
        """The layer's, then the net adopts the shapes of its tops."""
        self.layer.forward(io)
        self.tell()


class EmptyOrNot(_Standing):
    """A layer whose bottoms may have no rows at all.

    Then it rests: tops without values need nothing written, a loss over nothing is 0, and no
    gradient and no running mean takes part of it. A layer that makes values of none (the sum of
    nothing is 0) runs as ever.
    """

    def forward(self, io: LayerIO) -> None:
        """The layer's, where there is something to work on."""
        if not self._rests(io):
            self.layer.forward(io)
            return
        for top in io.tops:
            top.fill(0)

    def backward(self, io: LayerIO) -> None:
        """The layer's, or gradients of 0."""
        if not self._rests(io):
            self.layer.backward(io)
            return
        for dbottom in io.dbottoms:
            if dbottom is not None:
                dbottom.fill(0)

    def _rests(self, io: LayerIO) -> bool:
        empty = any(x.size == 0 for x in io.bottoms)
        return empty and (self.layer.is_loss or all(y.size == 0 for y in io.tops))


def check_varying(node: Node, top: int, now: Shape, wanted: Shape) -> None:
    """Refuse another shape for a top that does not vary, as it is written over a bottom."""
    if top not in node.plan.varying:
        raise node.context.error(
            f"top '{node.tops[top]}' cannot become {wanted} in forward",
            at=("top", top),
            wanted=f"it is {now}, and works in place on a bottom",
            do="Give the top a name of its own.",
        )
