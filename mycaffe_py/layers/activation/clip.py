"""Clip: values forced into a range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.elementwise import clip_backward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class ClipFacts:
    """The range; both ends belong to it."""

    low: float
    high: float


@register
class Clip(Layer[ClipFacts]):
    """Forces every value into a range.

    Formula:
        y = min(max(x, low), high) with clip_param.min and max; dx = dy where low <= x <= high,
        else 0.
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe, but: without clip_param Caffe takes 0 for both ends and min above max gives
        min everywhere; both are errors here. In place Caffe's gradient is wrong: that
        is refused where one is wanted. A NaN stays NaN.
    Example:
        layer {
          name: "limit" type: "Clip" bottom: "x" top: "y"
          clip_param { min: -0.5 max: 0.8 }
        }
    """

    type = "Clip"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ClipFacts]:
        """Both ends must be given, the lower one first."""
        options = ctx.param.clip_param
        for end in ("min", "max"):
            if not options.HasField(end):
                raise ctx.error(
                    f"clip_param has no {end}",
                    wanted="both ends of the range must be given",
                    do="Add for instance clip_param { min: 0 max: 1 }.",
                )
        if not options.min <= options.max:
            raise ctx.error(
                f"min {options.min:g} is above max {options.max:g}",
                at=("clip_param", "min"),
                wanted="no value lies in that range",
            )
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=ClipFacts(options.min, options.max))

    def forward(self, io: LayerIO[ClipFacts]) -> None:
        """Force into the range."""
        np.clip(io.bottoms[0], io.facts.low, io.facts.high, out=io.tops[0])

    def backward(self, io: LayerIO[ClipFacts]) -> None:
        """Pass the gradient on where x was within the range."""
        dx = io.dbottoms[0]
        if dx is not None:
            x, dy = io.bottoms[0].reshape(-1), io.dtops[0].reshape(-1)
            clip_backward(x, dy, io.facts.low, io.facts.high, dx.reshape(-1))
