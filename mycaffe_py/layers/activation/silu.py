"""SiLU: x times its own sigmoid."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.layers.activation.swish import Swish, SwishFacts
from mycaffe_py.layers.base import LayerContext, LayerPlan, register


@register
class SiLU(Swish):
    """Multiplies every value by its own sigmoid: Swish without its factor.

    Formula:
        y = x * s with s = 1 / (1 + exp(-x)); dx = dy * s * (1 + x * (1 - s)).
    Shapes:
        x and y any shape, the same; s is kept beside.
    Source:
        Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units, 2017, equation 2. As in MyCaffe.
    Example:
        layer { name: "silu1" type: "SiLU" bottom: "x" top: "y" }
    """

    type = "SiLU"

    def plan(self, ctx: LayerContext) -> LayerPlan[SwishFacts]:
        """As Swish with beta 1, whatever swish_param says."""
        return replace(super().plan(ctx), facts=SwishFacts(1.0))
