"""ReLU: the rectifier."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.kernels.activations import relu_backward, relu_forward
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.in_place import KEEPS_RECTIFIED, KEEPS_SIGNS, works_in_place
from mycaffe_py.proto.mycaffe_pb2 import TRAIN


@dataclass(frozen=True)
class ReLUFacts:
    """The slope for values below 0."""

    slope: float


@register
class ReLU(Layer[ReLUFacts]):
    """Rectifier: keeps what is positive, multiplies the rest by a slope (0 unless set).

    Formula:
        y = x where x > 0, else negative_slope * x; dx = dy where x > 0, else negative_slope * dy.
    Shapes:
        x and y any shape, the same.
    Source:
        Nair, Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines, 2010. As in
        Caffe; a NaN stays NaN. In place the sign of y must tell the sign of x, so negative_slope
        must not be negative there.
    Example:
        layer { name: "relu1" type: "ReLU" bottom: "x" top: "y" relu_param { negative_slope: 0.1 } }
    """

    type = "ReLU"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ReLUFacts]:
        """The top has the bottom's shape."""
        slope = ctx.param.relu_param.negative_slope
        lost = self.gradient_lost_in_place(ctx)
        if lost is not None and ctx.phase == TRAIN and works_in_place(ctx):
            raise lost
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=ReLUFacts(slope))

    def gradient_lost_in_place(self, ctx: LayerContext) -> UserError | None:
        """The sign of y must be that of x."""
        slope = ctx.param.relu_param.negative_slope
        if slope >= 0:
            return None
        return ctx.error(
            f"negative_slope {slope:g} in place",
            at=("relu_param", "negative_slope"),
            wanted="in place the gradient is found from the sign of the result, "
            "which needs a slope of 0 or more",
            do="Give the top another name than the bottom.",
        )

    def looks_for(self, facts: ReLUFacts) -> str:
        """The signs of x; with a slope of 0 those of y are enough, which is never below 0."""
        return "signs" if facts.slope else "rectified"

    def kept_in_place(self, facts: ReLUFacts) -> tuple[str, ...]:
        """Values above 0 stay above 0, and no others become so."""
        return KEEPS_SIGNS if facts.slope >= 0 else KEEPS_RECTIFIED

    def forward(self, io: LayerIO[ReLUFacts]) -> None:
        """Rectify."""
        relu_forward(io.bottoms[0].reshape(-1), io.facts.slope, io.tops[0].reshape(-1))

    def calls(self, io: LayerIO[ReLUFacts]) -> list[Call]:
        """One kernel."""
        x, y = io.bottoms[0].reshape(-1), io.tops[0].reshape(-1)
        return [Call(relu_forward, (x, io.facts.slope, y))]

    def backward(self, io: LayerIO[ReLUFacts]) -> None:
        """Pass the gradient on where x > 0."""
        dx = io.dbottoms[0]
        if dx is not None:
            x, dy = io.bottoms[0].reshape(-1), io.dtops[0].reshape(-1)
            relu_backward(x, dy, io.facts.slope, dx.reshape(-1))
