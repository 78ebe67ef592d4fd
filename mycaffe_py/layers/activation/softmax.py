"""Softmax."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.kernels.losses.softmax import softmax_backward, softmax_forward
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Shape,
    register,
)


@dataclass(frozen=True)
class SoftmaxFacts:
    """The bottom as (outer, C, inner), C being the softmax axis."""

    blocks: tuple[int, int, int]


def blocks_around(shape: Shape, axis: int) -> tuple[int, int, int]:
    """`shape` as (outer, C, inner) with C its `axis`."""
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


@register
class Softmax(Layer[SoftmaxFacts]):
    """Turns scores into probabilities that add up to 1 along an axis.

    Formula:
        y_k = exp(x_k) / sum_j exp(x_j) with the largest x_j taken off first, which changes
        nothing but never overflows; dx = (dy - sum_j dy_j y_j) * y.
    Shapes:
        x and y any shape, the same; softmax_param.axis (1) is the axis of the classes.
    Source:
        As in Caffe.
    Example:
        layer { name: "prob" type: "Softmax" bottom: "x" top: "y" softmax_param { axis: 1 } }
    """

    type = "Softmax"
    answers = "scores"
    may_be_in_place = True
    backward_reads = ("tops",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[SoftmaxFacts]:
        """The top has the bottom's shape."""
        axis = ctx.axis(ctx.param.softmax_param.axis, at=("softmax_param", "axis"))
        facts = SoftmaxFacts(blocks_around(ctx.shapes[0], axis))
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[SoftmaxFacts]) -> None:
        """Divide the exponentials by their sum."""
        blocks = io.facts.blocks
        softmax_forward(io.bottoms[0].reshape(blocks), io.tops[0].reshape(blocks))

    def calls(self, io: LayerIO[SoftmaxFacts]) -> list[Call]:
        """One kernel."""
        blocks = io.facts.blocks
        return [Call(softmax_forward, (io.bottoms[0].reshape(blocks), io.tops[0].reshape(blocks)))]

    def backward(self, io: LayerIO[SoftmaxFacts]) -> None:
        """Multiply the gradient by the Jacobian of the softmax."""
        dx = io.dbottoms[0]
        if dx is not None:
            blocks = io.facts.blocks
            y, dy = io.tops[0].reshape(blocks), io.dtops[0].reshape(blocks)
            softmax_backward(y, dy, dx.reshape(blocks))
