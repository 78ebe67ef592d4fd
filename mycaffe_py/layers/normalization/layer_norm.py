"""LayerNorm: single rows brought to mean 0 and deviation 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.kernels.normalize import channel_norm_backward, channel_norm_forward, no_end
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    register,
)


@dataclass(frozen=True)
class LayerNormFacts:
    """The bottom as (1, R, D), each of the R rows normalised by itself; eps."""

    blocks: Shape
    eps: float


@register
class LayerNorm(Layer[LayerNormFacts]):
    """Takes off the mean of each row and divides by its deviation; nothing is learned.

    Formula:
        y = (x - m) / r with r = sqrt(v + epsilon), m the mean and v the mean of (x - m)^2 of a row;
        dx = (dy - mean(dy) - y * mean(dy * y)) / r.
    Shapes:
        x and y the same, two axes or more. A row is what follows the first axis of (N, D), and
        what follows the second of (N, T, D) or (N, C, H, W).
    Source:
        Ba, Kiros, Hinton: Layer Normalization, 2016, equation 4, without gain and bias: a Scale
        layer with bias_term adds them. As in MyCaffe; enable_cuda_impl has no effect.
    Example:
        layer { name: "norm" type: "LayerNorm" bottom: "x" top: "y" }
    """

    type = "LayerNorm"
    rows_independent = True
    backward_reads = ("tops", "scratch")
    example = ((3, 2, 5),)

    def plan(self, ctx: LayerContext) -> LayerPlan[LayerNormFacts]:
        """The top has the bottom's shape."""
        shape = ctx.shapes[0]
        if len(shape) < 2:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="two axes or more: items, and what is normalised",
            )
        epsilon = ctx.param.layer_norm_param.epsilon
        if not (epsilon >= 0 and math.isfinite(epsilon)):
            raise ctx.error(
                f"epsilon {epsilon:g}", at=("layer_norm_param", "epsilon"), wanted="0 or more"
            )
        split = min(2, len(shape) - 1)
        blocks = (1, math.prod(shape[:split]), math.prod(shape[split:]))
        return LayerPlan(
            tops=(BlobSpec(shape),),
            scratch={name: Scratch(blocks[1:2]) for name in ("mean", "variance", "spread")},
            facts=LayerNormFacts(blocks, epsilon),
        )

    def forward(self, io: LayerIO[LayerNormFacts]) -> None:
        """Each row is a channel of one item to BatchNorm's kernel."""
        facts = io.facts
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        scratch = (io.scratch[name] for name in ("mean", "variance", "spread"))
        channel_norm_forward(x, facts.eps, no_end(x), *scratch, y, y)

    def backward(self, io: LayerIO[LayerNormFacts]) -> None:
        """The gradient runs through mean and deviation, too."""
        dx, blocks = io.dbottoms[0], io.facts.blocks
        if dx is not None:
            y, dy = io.tops[0].reshape(blocks), io.dtops[0].reshape(blocks)
            spread, end = io.scratch["spread"], no_end(y)
            none = end.scale
            channel_norm_backward(y, dy, spread, end, none, none, dx.reshape(blocks))
