"""Mish: x times tanh of its softplus."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.smooth_units import mish_backward, mish_forward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class MishFacts:
    """The number above which log(1 + e^x) is taken to be x."""

    threshold: float


@register
class Mish(Layer[MishFacts]):
    """A smooth rectifier that lets a little of what is below 0 through.

    Formula:
        y = x * t with t = tanh(log(1 + e^x)); dx = dy * (t + x * (1 - t^2) * s), s = sigmoid(x).
        Above threshold (20) log(1 + e^x) is taken to be x, and s to be 1.
    Shapes:
        x and y any shape, the same.
    Source:
        Misra: Mish, 2019. As in MyCaffe; its two ways to the gradient (method) are one here.
        In place only where no gradient is wanted, which needs x.
    Example:
        layer { name: "mish1" type: "Mish" bottom: "x" top: "y" }
    """

    type = "Mish"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[MishFacts]:
        """The top has the bottom's shape."""
        facts = MishFacts(ctx.param.mish_param.threshold)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[MishFacts]) -> None:
        """Element by element."""
        mish_forward(io.bottoms[0].reshape(-1), io.facts.threshold, io.tops[0].reshape(-1))

    def backward(self, io: LayerIO[MishFacts]) -> None:
        """Multiply the gradient by the slope."""
        dx = io.dbottoms[0]
        if dx is not None:
            x, dy = io.bottoms[0].reshape(-1), io.dtops[0].reshape(-1)
            mish_backward(x, dy, io.facts.threshold, dx.reshape(-1))
