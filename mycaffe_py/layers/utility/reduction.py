"""Reduction: joins the trailing axes of a blob to one number each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.proto.mycaffe_pb2 import ReductionParameter

_SQUARES, _ABSOLUTE = ReductionParameter.SUMSQ, ReductionParameter.ASUM


@dataclass(frozen=True)
class ReductionFacts:
    """The bottom as (rows, joined); the operation; the factor, a mean's 1 / joined included."""

    rows: int
    joined: int
    operation: int
    factor: float


@register
class Reduction(Layer[ReductionFacts]):
    """Sum, mean, sum of absolute values or of squares over all axes from one on.

    Formula:
        SUM   y = coeff * sum x; dx = coeff * dy.
        MEAN  y = coeff / n * sum x, with n numbers joined; dx = coeff / n * dy.
        ASUM  y = coeff * sum |x|; dx = coeff * sign(x) * dy, 0 where x = 0.
        SUMSQ y = coeff * sum x^2; dx = 2 * coeff * x * dy.
    Shapes:
        x any shape, y the axes in front of `axis`; () for the default axis 0.
    Source:
        As in Caffe.
    Example:
        layer {
          name: "mean" type: "Reduction" bottom: "x" top: "y"
          reduction_param { operation: MEAN axis: 1 }
        }
    """

    type = "Reduction"
    backward_reads = ("bottoms",)
    example = ((2, 3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ReductionFacts]:
        """The top keeps the axes in front of `axis`."""
        options = ctx.param.reduction_param
        shape = ctx.shapes[0]
        axis = 0
        if shape or options.axis:
            axis = ctx.axis(options.axis, at=("reduction_param", "axis"))
        top = BlobSpec(shape[:axis])
        joined = BlobSpec(shape[axis:]).count
        factor = options.coeff
        if options.operation == ReductionParameter.MEAN:
            # The mean of nothing is 0, as its sum is: no row was kept, and nothing is learned.
            factor /= max(joined, 1)
        facts = ReductionFacts(top.count, joined, options.operation, factor)
        return LayerPlan(tops=(top,), facts=facts)

    def mean_of(self, io: LayerIO[ReductionFacts]) -> float | None:
        """The numbers joined, where their mean is taken."""
        mean = io.context.param.reduction_param.operation == ReductionParameter.MEAN
        return io.facts.joined if mean else None

    def forward(self, io: LayerIO[ReductionFacts]) -> None:
        """Join the values, then scale."""
        facts = io.facts
        x = io.bottoms[0].reshape(facts.rows, facts.joined)
        if facts.operation == _SQUARES:
            total = np.square(x).sum(axis=1)
        elif facts.operation == _ABSOLUTE:
            total = np.abs(x).sum(axis=1)
        else:
            total = x.sum(axis=1)
        io.tops[0].reshape(-1)[...] = total * total.dtype.type(facts.factor)

    def backward(self, io: LayerIO[ReductionFacts]) -> None:
        """Hand each number's gradient to all that were joined."""
        if io.dbottoms[0] is None:
            return
        facts = io.facts
        dx = io.dbottoms[0].reshape(facts.rows, facts.joined)
        x = io.bottoms[0].reshape(facts.rows, facts.joined)
        dy = io.dtops[0].reshape(-1, 1) * dx.dtype.type(facts.factor)
        if facts.operation == _SQUARES:
            np.multiply(x, 2 * dy, out=dx)
        elif facts.operation == _ABSOLUTE:
            np.multiply(np.sign(x), dy, out=dx)
        else:
            dx[...] = dy
