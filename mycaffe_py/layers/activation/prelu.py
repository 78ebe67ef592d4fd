"""PReLU: a rectifier that learns its slope."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.kernels.elementwise import (
    prelu_backward,
    prelu_forward,
    prelu_forward_keeping,
    prelu_slope_backward,
)
from mycaffe_py.kernels.sharing import Call, perform
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.in_place import KEEPS_RECTIFIED, works_in_place
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter


@dataclass(frozen=True)
class PReLUFacts:
    """The bottom as (N, slopes, inner), and whether x has to be kept aside."""

    blocks: tuple[int, int, int]
    keeps: bool


@register
class PReLU(Layer[PReLUFacts]):
    """A rectifier whose slope below 0 is learned, one for each channel or one for all.

    Formula:
        y = x where x > 0, else a_c * x; dx = dy where x > 0, else a_c * dy;
        da_c = sum of dy * x over all x <= 0 of channel c.
    Shapes:
        x and y (N, C, ...), the same, at least 2 axes; a (C,), or () with channel_shared.
    Source:
        He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, equations 1 and 8. As in Caffe,
        where a begins at 0.25; Caffe stops at more than 4 axes, we do not. In place a copy of x
        is kept.
    Example:
        layer { name: "prelu1" type: "PReLU" bottom: "x" top: "y" }
    """

    type = "PReLU"
    may_be_in_place = True
    rows_independent = True
    backward_reads = ("bottoms", "params", "scratch")
    example = ((3, 4, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[PReLUFacts]:
        """One slope a channel; channels are axis 1."""
        options = ctx.param.prelu_param
        shape = ctx.shapes[0]
        if len(shape) < 2:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="it needs at least 2 axes, rows and channels",
            )
        shared = options.channel_shared
        blocks = (shape[0], shape[1], math.prod(shape[2:]))
        if shared:
            blocks = (1, 1, math.prod(shape))
        filler = FillerParameter(type="constant", value=0.25)
        if options.HasField("filler"):
            filler = options.filler
        keeps = works_in_place(ctx)
        where = ctx.where.at("prelu_param", "filler")
        return LayerPlan(
            tops=(BlobSpec(shape),),
            params=(filled(() if shared else shape[1:2], filler, where),),
            scratch={"x": Scratch(shape)} if keeps else {},
            facts=PReLUFacts(blocks, keeps),
            unread=(0,) if keeps else (),
        )

    def kept_in_place(self, facts: PReLUFacts) -> tuple[str, ...]:
        """Values from 0 on stay; for those below 0 it depends on the slope, which changes."""
        return KEEPS_RECTIFIED

    def forward(self, io: LayerIO[PReLUFacts]) -> None:
        """Rectify; x may be y."""
        for call in self.calls(io):
            perform(call)

    def calls(self, io: LayerIO[PReLUFacts]) -> list[Call]:
        """One kernel, which also keeps x where it has to."""
        blocks = io.facts.blocks
        x, y, slope = io.bottoms[0].reshape(blocks), io.tops[0].reshape(blocks), io.params[0]
        if io.facts.keeps:
            kept = io.scratch["x"].reshape(blocks)
            return [Call(prelu_forward_keeping, (x, slope.reshape(-1), kept, y))]
        return [Call(prelu_forward, (x, slope.reshape(-1), y))]

    def backward(self, io: LayerIO[PReLUFacts]) -> None:
        """Slopes first, because dx may be dy."""
        blocks = io.facts.blocks
        x: Array = io.scratch["x"] if io.facts.keeps else io.bottoms[0]
        x, dy = x.reshape(blocks), io.dtops[0].reshape(blocks)
        dslope, dx = io.dparams[0], io.dbottoms[0]
        if dslope is not None:
            prelu_slope_backward(x, dy, dslope.reshape(-1))
        if dx is not None:
            prelu_backward(x, io.params[0].reshape(-1), dy, dx.reshape(blocks))
