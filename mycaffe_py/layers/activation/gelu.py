"""GELU: x times the share of a normal distribution below x."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.smooth_units import (
    gelu_backward,
    gelu_forward,
    tanh_gelu_backward,
    tanh_gelu_forward,
)
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class GELUFacts:
    """Whether the share is approximated by tanh."""

    by_tanh: bool


@register
class GELU(Layer[GELUFacts]):
    """Multiplies every value by the chance that a normal number is below it.

    Formula:
        y = x * P(x), P(x) = (1 + erf(x / sqrt(2))) / 2; dx = dy * (P(x) + x * p(x)), p(x) the
        normal density. enable_bert_version: y = x/2 * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))),
        and its gradient.
    Shapes:
        x and y any shape, the same.
    Source:
        Hendrycks, Gimpel: Gaussian Error Linear Units, 2016, section 2. As in MyCaffe. In
        place only where no gradient is wanted, which needs x.
    Example:
        layer { name: "gelu1" type: "GELU" bottom: "x" top: "y" }
    """

    type = "GELU"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[GELUFacts]:
        """The top has the bottom's shape."""
        facts = GELUFacts(ctx.param.gelu_param.enable_bert_version)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[GELUFacts]) -> None:
        """Element by element."""
        forward = tanh_gelu_forward if io.facts.by_tanh else gelu_forward
        forward(io.bottoms[0].reshape(-1), io.tops[0].reshape(-1))

    def backward(self, io: LayerIO[GELUFacts]) -> None:
        """Multiply the gradient by the slope."""
        dx = io.dbottoms[0]
        if dx is not None:
            backward = tanh_gelu_backward if io.facts.by_tanh else gelu_backward
            backward(io.bottoms[0].reshape(-1), io.dtops[0].reshape(-1), dx.reshape(-1))
