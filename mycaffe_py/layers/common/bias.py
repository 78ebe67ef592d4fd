"""Bias: adds a small blob along axes of a large one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.broadcast import add_sums
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.common.broadcast import Blocks, blocks_along, parameter_shape
from mycaffe_py.layers.fillers import filled


@dataclass(frozen=True)
class BiasFacts:
    """The bottom as (outer, mid, inner), b having mid elements."""

    blocks: Blocks


@register
class Bias(Layer[BiasFacts]):
    """Adds a number to all elements of a channel, or a blob to all items.

    Formula:
        y = x + b, with b repeated over the axes it does not have; dx = dy, db = sum of dy over
        those axes.
    Shapes:
        x and y any shape, the same. b is a parameter with the num_axes (1) extents of x from axis
        (1) on: (C,) by default, () for num_axes 0, all the rest for -1; or it is bottom 1, of any
        shape equal to x's extents from axis on.
    Source:
        As in Caffe.
    Example:
        layer { name: "offset" type: "Bias" bottom: "x" top: "y" bias_param { axis: 1 } }
    """

    type = "Bias"
    is_linear = True
    bottom_count = Count(1, 2)
    may_be_in_place = True
    example = ((3, 4, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[BiasFacts]:
        """The top has the bottom's shape; without a second bottom b is a parameter."""
        options = ctx.param.bias_param
        spec = BlobSpec(ctx.shapes[0])
        if len(ctx.bottoms) == 2:
            blocks = blocks_along(ctx, "bias_param", options, ctx.shapes[1])
            return LayerPlan(tops=(spec,), facts=BiasFacts(blocks))
        shape = parameter_shape(ctx, "bias_param", options)
        blocks = blocks_along(ctx, "bias_param", options, shape)
        param = filled(shape, options.filler, ctx.where.at("bias_param", "filler"))
        return LayerPlan(tops=(spec,), params=(param,), facts=BiasFacts(blocks))

    def forward(self, io: LayerIO[BiasFacts]) -> None:
        """Add; x may be y."""
        blocks = io.facts.blocks
        b = (io.params[0] if io.params else io.bottoms[1]).reshape(-1, 1)
        np.add(io.bottoms[0].reshape(blocks), b, out=io.tops[0].reshape(blocks))

    def backward(self, io: LayerIO[BiasFacts]) -> None:
        """Sum the gradient for b and copy it for x (nothing is to be copied where dx is dy)."""
        dy, dx = io.dtops[0], io.dbottoms[0]
        db = io.dparams[0] if io.params else io.dbottoms[1]
        if db is not None:
            if not io.params:
                db.fill(0)
            add_sums(dy.reshape(io.facts.blocks), db.reshape(-1))
        if dx is not None and dx is not dy:
            np.copyto(dx, dy)
