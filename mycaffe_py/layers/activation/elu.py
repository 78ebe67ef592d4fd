"""ELU: exponential linear unit."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.kernels.elementwise import elu_backward, elu_forward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.in_place import KEEPS_RECTIFIED, KEEPS_SIGNS, works_in_place
from mycaffe_py.proto.mycaffe_pb2 import TRAIN


@dataclass(frozen=True)
class ELUFacts:
    """How far below 0 the values can come."""

    alpha: float


@register
class ELU(Layer[ELUFacts]):
    """Keeps what is positive and lets the rest approach -alpha.

    Formula:
        y = x where x > 0, else alpha * (exp(x) - 1); dx = dy where x > 0, else dy * (y + alpha).
    Shapes:
        x and y any shape, the same.
    Source:
        Clevert, Unterthiner, Hochreiter: Fast and Accurate Deep Network Learning by Exponential
        Linear Units, 2015. As in Caffe. In place the sign of y must tell the sign of x, so alpha
        must not be negative there; Caffe computes a wrong gradient then.
    Example:
        layer { name: "elu1" type: "ELU" bottom: "x" top: "y" elu_param { alpha: 0.7 } }
    """

    type = "ELU"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("bottoms", "tops")
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ELUFacts]:
        """The top has the bottom's shape."""
        lost = self.gradient_lost_in_place(ctx)
        if lost is not None and ctx.phase == TRAIN and works_in_place(ctx):
            raise lost
        facts = ELUFacts(ctx.param.elu_param.alpha)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def gradient_lost_in_place(self, ctx: LayerContext) -> UserError | None:
        """The sign of y must be that of x."""
        alpha = ctx.param.elu_param.alpha
        if alpha >= 0:
            return None
        return ctx.error(
            f"alpha {alpha:g} in place",
            at=("elu_param", "alpha"),
            wanted="in place the gradient is found from the sign of the result, "
            "which needs an alpha of 0 or more",
            do="Give the top another name than the bottom.",
        )

    def kept_in_place(self, facts: ELUFacts) -> tuple[str, ...]:
        """Values above 0 stay as they are, and no others come above 0."""
        return KEEPS_SIGNS if facts.alpha >= 0 else KEEPS_RECTIFIED

    def forward(self, io: LayerIO[ELUFacts]) -> None:
        """Bend what is not positive."""
        elu_forward(io.bottoms[0].reshape(-1), io.facts.alpha, io.tops[0].reshape(-1))

    def backward(self, io: LayerIO[ELUFacts]) -> None:
        """Multiply the gradient by the slope; in place x is y, of the same sign."""
        dx = io.dbottoms[0]
        if dx is not None:
            x, y, dy = io.bottoms[0].reshape(-1), io.tops[0].reshape(-1), io.dtops[0].reshape(-1)
            elu_backward(x, y, dy, io.facts.alpha, dx.reshape(-1))
