"""Threshold: which values lie above a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class ThresholdFacts:
    """The number that values are compared with."""

    threshold: float


@register
class Threshold(Layer[ThresholdFacts]):
    """1 where a value lies above a number, else 0.

    Formula:
        y = 1 where x > threshold, else 0. There is no gradient: layers below learn nothing
        through this one.
    Shapes:
        x and y any shape, the same.
    Source:
        As in Caffe, which stops when a gradient reaches this layer; here none is asked for.
    Example:
        layer {
          name: "above" type: "Threshold" bottom: "x" top: "y"
          threshold_param { threshold: 0.3 }
        }
    """

    type = "Threshold"
    may_be_in_place = True
    rows_independent = True
    has_backward = False
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ThresholdFacts]:
        """The top has the bottom's shape."""
        facts = ThresholdFacts(ctx.param.threshold_param.threshold)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[ThresholdFacts]) -> None:
        """Compare; x may be y."""
        np.greater(io.bottoms[0], io.facts.threshold, out=io.tops[0], casting="unsafe")
