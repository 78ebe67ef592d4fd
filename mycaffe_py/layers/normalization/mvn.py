"""MVN: mean and variance normalisation of single items."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.kernels.normalize import row_norm_backward, row_norm_forward
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)


@dataclass(frozen=True)
class MVNFacts:
    """The bottom as (R, D), each row normalised by itself; eps, and whether to divide."""

    blocks: tuple[int, int]
    eps: float
    divides: bool


@register
class MVN(Layer[MVNFacts]):
    """Takes off the mean of each channel of each item, and divides by its deviation.

    Formula:
        y = (x - m) / (d + eps), with m the mean and d the root of the mean of (x - m)^2 over the
        pixels of one channel, or over a whole item with across_channels;
        dx = (dy - mean(dy)) / (d + eps) - y * mean(dy * y) / d.
        Without normalize_variance y = x - m and dx = dy - mean(dy).
    Shapes:
        x up to 4 axes; y (N, C, H, W), missing ones 1.
    Source:
        As in Caffe, with eps outside the root. Caffe's gradient leaves out that d and d + eps
        differ; ours is exact, which shows only where d is not far above eps. In place its
        gradient is wrong: that is refused where one is wanted.
    Example:
        layer { name: "even" type: "MVN" bottom: "x" top: "y" }
    """

    type = "MVN"
    forward_in_place = True
    rows_independent = True
    backward_reads = ("tops", "scratch")
    example = ((2, 3, 2, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[MVNFacts]:
        """The top always has 4 axes."""
        options = ctx.param.mvn_param
        shape = ctx.shapes[0]
        if len(shape) > 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="it may have up to 4 axes: items, channels, rows and columns of pixels",
            )
        top = (*shape, *(1,) * (4 - len(shape)))
        split = 1 if options.across_channels else 2
        blocks = (math.prod(top[:split]), math.prod(top[split:]))
        return LayerPlan(
            tops=(BlobSpec(top),),
            scratch={"deviation": Scratch(blocks[:1])},
            facts=MVNFacts(blocks, options.eps, options.normalize_variance),
        )

    def forward(self, io: LayerIO[MVNFacts]) -> None:
        """Normalise each row."""
        facts = io.facts
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        row_norm_forward(x, facts.eps, facts.divides, io.scratch["deviation"], y)

    def backward(self, io: LayerIO[MVNFacts]) -> None:
        """The gradient runs through mean and deviation, too."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is not None:
            y, dy = io.tops[0].reshape(facts.blocks), io.dtops[0].reshape(facts.blocks)
            deviation = io.scratch["deviation"]
            row_norm_backward(y, dy, deviation, facts.eps, facts.divides, dx.reshape(facts.blocks))
