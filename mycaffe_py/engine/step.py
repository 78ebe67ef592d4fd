"""One step of a net's forward or backward: a layer and the arrays it works on."""

from __future__ import annotations

from typing import NamedTuple

from mycaffe_py.engine.losses import loss_of
from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO, Shape


class Step(NamedTuple):
    """A node of the graph with its arrays.

    A layer may be given no rows at all (`io.may_rest`). Then it rests: tops without values need
    nothing written, a loss over nothing is 0, and no gradient and no running mean takes part of it.
    A layer that makes values of none (the sum of nothing is 0) runs as usual.
    """

    node: Node
    io: LayerIO

    def run(self) -> float:
        """Run the layer forward; returns what it adds to the loss."""
        self.forward()
        return loss_of(self.node, self.io)

    def forward(self) -> None:
        """Run the layer or let it rest; then let the net adopt the shapes of its tops."""
        if self.rests():
            for top in self.io.tops:
                top.fill(0)
        else:
            self.node.layer.forward(self.io)
        if self.io.after_forward is not None:
            self.io.after_forward()

    def backward(self) -> None:
        """Run the layer backward; where it rests its gradients are 0."""
        if not self.rests():
            self.node.layer.backward(self.io)
            return
        for dbottom in self.io.dbottoms:
            if dbottom is not None:
                dbottom.fill(0)

    def rests(self) -> bool:
        """Whether the layer has no rows to work on."""
        io = self.io
        if not io.may_rest or all(x.size for x in io.bottoms):
            return False
        return self.node.layer.is_loss or all(y.size == 0 for y in io.tops)


def check_varying(node: Node, top: int, now: Shape, wanted: Shape) -> None:
    """Refuse another shape for a top that does not vary, as it is written over a bottom."""
    if top not in node.plan.varying:
        raise node.context.error(
            f"top '{node.tops[top]}' cannot become {wanted} in forward",
            at=("top", top),
            wanted=f"it is {now}, and works in place on a bottom",
            do="Give the top a name of its own.",
        )
