"""Swish: x times its own sigmoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.elementwise import swish_backward
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.in_place import KEEPS_SIGNS


@dataclass(frozen=True)
class SwishFacts:
    """The factor of x inside the sigmoid."""

    beta: float


@register
class Swish(Layer[SwishFacts]):
    """Multiplies every value by its own sigmoid.

    Formula:
        y = x * s with s = 1 / (1 + exp(-beta * x)); dx = dy * (beta * y + s * (1 - beta * y)).
    Shapes:
        x and y any shape, the same; s is kept beside.
    Source:
        Ramachandran, Zoph, Le: Searching for Activation Functions, 2017. As in Caffe.
    Example:
        layer { name: "swish1" type: "Swish" bottom: "x" top: "y" swish_param { beta: 1.5 } }
    """

    type = "Swish"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("tops", "scratch")
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[SwishFacts]:
        """The top has the bottom's shape."""
        shape = ctx.shapes[0]
        return LayerPlan(
            tops=(BlobSpec(shape),),
            scratch={"s": Scratch(shape)},
            facts=SwishFacts(ctx.param.swish_param.beta),
        )

    def kept_in_place(self, facts: SwishFacts) -> tuple[str, ...]:
        """y has the sign of x, and where it becomes 0 the slope is 0 too."""
        return KEEPS_SIGNS

    def forward(self, io: LayerIO[SwishFacts]) -> None:
        """The sigmoid by way of tanh, which never overflows; x may be y."""
        x, s = io.bottoms[0], io.scratch["s"]
        np.multiply(x, io.facts.beta / 2, out=s)
        np.tanh(s, out=s)
        s *= 0.5
        s += 0.5
        np.multiply(x, s, out=io.tops[0])

    def backward(self, io: LayerIO[SwishFacts]) -> None:
        """Multiply the gradient by the slope."""
        dx = io.dbottoms[0]
        if dx is not None:
            y, s, dy = io.tops[0], io.scratch["s"], io.dtops[0]
            swish_backward(
                y.reshape(-1), s.reshape(-1), dy.reshape(-1), io.facts.beta, dx.reshape(-1)
            )
