"""Scale: multiplies a large blob by a small one along some axes, and may add another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.broadcast import add_products, add_sums, scale_and_shift
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    Scratch,
    register,
)
from mycaffe_py.layers.common.broadcast import Blocks, blocks_along, parameter_shape
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.in_place import works_in_place
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter


@dataclass(frozen=True)
class ScaleFacts:
    """The bottom as (outer, mid, inner), s having mid elements.

    `learned` says whether s is the first parameter, else it is bottom 1; `shifts` whether the last
    parameter is added; `keeps` whether x has to be kept aside, because y takes its place.
    """

    blocks: Blocks
    learned: bool
    shifts: bool
    keeps: bool


@register
class Scale(Layer[ScaleFacts]):
    """Multiplies all elements of a channel by a number, or all items by a blob; may add another.

    Formula:
        y = x * s + b, with s and b repeated over the axes they do not have (b only with
        bias_term); dx = dy * s, ds = sum of dy * x and db = sum of dy over those axes.
    Shapes:
        x and y any shape, the same. s is a parameter with the num_axes (1) extents of x from axis
        (1) on: (C,) by default, () for num_axes 0, all the rest for -1; or it is bottom 1, of any
        shape equal to x's extents from axis on. b is a parameter of the shape of s.
    Source:
        As in Caffe, where s begins at 1 and b at 0. Behind BatchNorm, bias_term: true gives the
        gamma and beta of that paper. In place a copy of x is kept.
    Example:
        layer {
          name: "scale1" type: "Scale" bottom: "x" top: "y"
          scale_param { bias_term: true }
        }
    """

    type = "Scale"
    is_linear = True
    bottom_count = Count(1, 2)
    may_be_in_place = True
    backward_reads = ("bottoms", "params", "scratch")
    example = ((3, 4, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ScaleFacts]:
        """The top has the bottom's shape; without a second bottom s is a parameter."""
        options = ctx.param.scale_param
        shape = ctx.shapes[0]
        learned = len(ctx.bottoms) == 1
        small = parameter_shape(ctx, "scale_param", options) if learned else ctx.shapes[1]
        blocks = blocks_along(ctx, "scale_param", options, small)
        params: list[ParamBlob] = []
        if learned:
            filler = FillerParameter(type="constant", value=1)
            if options.HasField("filler"):
                filler = options.filler
            params.append(filled(small, filler, ctx.where.at("scale_param", "filler")))
        if options.bias_term:
            where = ctx.where.at("scale_param", "bias_filler")
            params.append(filled(small, options.bias_filler, where))
        keeps = works_in_place(ctx)
        return LayerPlan(
            tops=(BlobSpec(shape),),
            params=tuple(params),
            scratch={"x": Scratch(shape)} if keeps else {},
            facts=ScaleFacts(blocks, learned, options.bias_term, keeps),
            unread=(0,) if keeps else (),
        )

    def forward(self, io: LayerIO[ScaleFacts]) -> None:
        """Multiply and add in one pass; x may be y."""
        facts = io.facts
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        if facts.keeps:
            np.copyto(io.scratch["x"], io.bottoms[0])
        s = (io.params[0] if facts.learned else io.bottoms[1]).reshape(-1)
        b = io.params[-1].reshape(-1) if facts.shifts else s[:0]
        scale_and_shift(x, s, b, y)

    def backward(self, io: LayerIO[ScaleFacts]) -> None:
        """Gradients of the small blobs come first, because dx may be dy."""
        facts = io.facts
        dy = io.dtops[0].reshape(facts.blocks)
        db = io.dparams[-1] if facts.shifts else None
        if db is not None:
            add_sums(dy, db.reshape(-1))
        ds = io.dparams[0] if facts.learned else io.dbottoms[1]
        if ds is not None:
            if not facts.learned:
                ds.fill(0)
            x = io.scratch["x"] if facts.keeps else io.bottoms[0]
            add_products(x.reshape(facts.blocks), dy, ds.reshape(-1))
        dx = io.dbottoms[0]
        if dx is not None:
            s = (io.params[0] if facts.learned else io.bottoms[1]).reshape(-1)
            scale_and_shift(dy, s, s[:0], dx.reshape(facts.blocks))
