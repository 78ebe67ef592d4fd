"""Log: a logarithm to any base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.activation.logarithm_base import logarithm_of_base
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class LogFacts:
    """y = factor * ln(shift + scale * x)."""

    factor: float
    scale: float
    shift: float


@register
class Log(Layer[LogFacts]):
    """Logarithm of every (scaled, shifted) value.

    Formula:
        y = ln(shift + scale * x) / ln(base); dx = dy * scale / (ln(base) * (shift + scale * x)).
        The base -1, the default, means e.
    Shapes:
        x and y any shape, the same; shift + scale * x is above 0, else y is -inf or NaN.
    Source:
        As in Caffe, whose gradient is wrong in place: here that is refused where one is wanted.
    Example:
        layer {
          name: "magnitude" type: "Log" bottom: "x" top: "y"
          log_param { base: 10 scale: 2 shift: 1 }
        }
    """

    type = "Log"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[LogFacts]:
        """The top has the bottom's shape; a base of 1 has no logarithm."""
        options = ctx.param.log_param
        log_base = logarithm_of_base(ctx, "log_param", options.base)
        if log_base == 0:
            raise ctx.error(
                "base 1", at=("log_param", "base"), wanted="no power of 1 is another number than 1"
            )
        facts = LogFacts(1 / log_base, options.scale, options.shift)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[LogFacts]) -> None:
        """Logarithms; the net's check for NaN and infinity tells of values outside."""
        y = io.tops[0]
        np.multiply(io.bottoms[0], io.facts.scale, out=y)
        y += io.facts.shift
        with np.errstate(divide="ignore", invalid="ignore"):
            np.log(y, out=y)
        y *= io.facts.factor

    def backward(self, io: LayerIO[LogFacts]) -> None:
        """Divide the gradient by the argument."""
        dx = io.dbottoms[0]
        if dx is not None:
            np.multiply(io.bottoms[0], io.facts.scale, out=dx)
            dx += io.facts.shift
            with np.errstate(divide="ignore", invalid="ignore"):
                np.divide(io.dtops[0], dx, out=dx)
            dx *= io.facts.factor * io.facts.scale
