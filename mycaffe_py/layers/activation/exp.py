"""Exp: a power of a fixed base."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.activation.logarithm_base import logarithm_of_base
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class ExpFacts:
    """y = outer * exp(inner * x)."""

    inner: float
    outer: float


@register
class Exp(Layer[ExpFacts]):
    """A fixed base to the power of every (scaled, shifted) value.

    Formula:
        y = base^(shift + scale * x), computed as base^shift * exp(scale * ln(base) * x);
        dx = dy * y * scale * ln(base). The base -1, the default, means e.
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe.
    Example:
        layer {
          name: "power" type: "Exp" bottom: "x" top: "y"
          exp_param { base: 2 scale: 0.5 shift: 1 }
        }
    """

    type = "Exp"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("tops",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ExpFacts]:
        """The top has the bottom's shape."""
        options = ctx.param.exp_param
        log_base = logarithm_of_base(ctx, "exp_param", options.base)
        try:
            outer = math.exp(log_base * options.shift)
        except OverflowError:
            outer = math.inf
        if not math.isfinite(outer):
            raise ctx.error(
                f"shift {options.shift:g}",
                at=("exp_param", "shift"),
                wanted="base^shift is beyond all numbers",
            )
        facts = ExpFacts(log_base * options.scale, outer)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[ExpFacts]) -> None:
        """Take the exponentials; x may be y. What is too large becomes infinite."""
        x, y = io.bottoms[0], io.tops[0]
        with np.errstate(over="ignore"):
            np.multiply(x, io.facts.inner, out=y)
            np.exp(y, out=y)
            y *= io.facts.outer

    def backward(self, io: LayerIO[ExpFacts]) -> None:
        """Multiply the gradient by y and the inner factor."""
        dx = io.dbottoms[0]
        if dx is not None:
            np.multiply(io.dtops[0], io.tops[0], out=dx)
            dx *= io.facts.inner
