"""FlowWarp: a picture moved along a flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.flow.warp import warp, warp_backward
from mycaffe_py.layers.base import (
    TWO,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import FlowWarpParameter as Options


@dataclass(frozen=True)
class FlowWarpFacts:
    """What stands where the flow leads outside."""

    outside: float


@register
class FlowWarp(Layer[FlowWarpFacts]):
    """Takes each pixel of a picture from where a flow leads, between pixels if need be.

    Formula:
        y[i, j] = x at row i + flow_y, column j + flow_x, bilinear between the four pixels around;
        those right of and below the last ones are the last ones. Where the row or column lies
        below 0 or is H, W or more: fill_value. dx gets dy in the same four parts; the flow gets
        the slope of x there.
    Shapes:
        x (N, C, H, W); flow (N, 2, H, W), columns first; y as x.
    Source:
        Ilg and others: FlowNet 2.0: Evolution of Optical Flow Estimation with Deep Networks, 2017.
        As in its Caffe; forward as in OpenCV. A flow that is no number leads outside.
    Example:
        layer { name: "warp" type: "FlowWarp" bottom: "x" bottom: "flow" top: "warped" }
    """

    type = "FlowWarp"
    bottom_count = TWO
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((2, 3, 4, 5), (2, 2, 4, 5))

    def plan(self, ctx: LayerContext) -> LayerPlan[FlowWarpFacts]:
        """The picture's shape stays."""
        x, flow = ctx.shapes
        if len(x) != 4 or flow != (x[0], 2, *x[2:]):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {flow}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {x}, a picture (N, C, H, W), whose flow "
                "is (N, 2, H, W)",
            )
        zero = ctx.param.flow_warp_param.fill_value == Options.ZERO
        return LayerPlan(tops=(BlobSpec(x),), facts=FlowWarpFacts(0.0 if zero else np.nan))

    def forward(self, io: LayerIO[FlowWarpFacts]) -> None:
        """Item by item."""
        for x, flow, y in zip(*io.bottoms, io.tops[0], strict=True):
            warp(x, flow, io.facts.outside, y)

    def backward(self, io: LayerIO[FlowWarpFacts]) -> None:
        """Both gradients at once; one that nobody needs is made beside."""
        dx, dflow = (
            np.empty_like(x) if given is None else given
            for x, given in zip(io.bottoms, io.dbottoms, strict=True)
        )
        dx[...] = 0
        for x, flow, dy, *gradients in zip(*io.bottoms, io.dtops[0], dx, dflow, strict=True):
            warp_backward(x, flow, dy, *gradients)
