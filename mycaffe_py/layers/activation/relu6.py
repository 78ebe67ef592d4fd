"""ReLU6: the rectifier that ends at 6."""

from __future__ import annotations

import math

from mycaffe_py.kernels.activations import relu6_backward, relu6_forward
from mycaffe_py.layers.activation.relu import ReLUFacts
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.in_place import KEEPS_SIGNS


@register
class ReLU6(Layer[ReLUFacts]):
    """Rectifier whose values end at 6, so that they suit small whole numbers.

    Formula:
        y = min(max(x, 0) + negative_slope * min(x, 0), 6); dx = dy where 0 < x < 6,
        negative_slope * dy where x <= 0, else 0.
    Shapes:
        x and y any shape, the same.
    Source:
        Sandler et al.: MobileNetV2, 2018. As in the forks that have it (MobileNet-YOLO,
        MobileNetV2-SSDLite), whose options are those of ReLU; a slope below 0 is an error here.
        A NaN stays NaN.
    Example:
        layer { name: "r" type: "ReLU6" bottom: "x" top: "y" relu6_param { negative_slope: 0.1 } }
    """

    type = "ReLU6"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("tops",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ReLUFacts]:
        """The top has the bottom's shape."""
        slope = ctx.param.relu6_param.negative_slope
        if not (slope >= 0 and math.isfinite(slope)):
            raise ctx.error(
                f"negative_slope {slope:g}",
                at=("relu6_param", "negative_slope"),
                wanted="0 or more: the gradient is found from the sign of the result",
            )
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=ReLUFacts(slope))

    def kept_in_place(self, facts: ReLUFacts) -> tuple[str, ...]:
        """Values above 0 stay above 0, and no others become so."""
        return KEEPS_SIGNS

    def forward(self, io: LayerIO[ReLUFacts]) -> None:
        """Rectify and cut."""
        relu6_forward(io.bottoms[0].reshape(-1), io.facts.slope, io.tops[0].reshape(-1))

    def backward(self, io: LayerIO[ReLUFacts]) -> None:
        """Pass the gradient on where y was not cut."""
        dx = io.dbottoms[0]
        if dx is not None:
            y, dy = io.tops[0].reshape(-1), io.dtops[0].reshape(-1)
            relu6_backward(y, dy, io.facts.slope, dx.reshape(-1))
