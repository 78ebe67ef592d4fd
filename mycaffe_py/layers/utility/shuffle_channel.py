"""ShuffleChannel: the channels of several groups, mixed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Shape,
    register,
)


@dataclass(frozen=True)
class ShuffleFacts:
    """x as (N, groups, channels of a group, pixels)."""

    blocks: Shape


@register
class ShuffleChannel(Layer[ShuffleFacts]):
    """Mixes the channels of groups, so that the next convolution sees something of each group.

    Formula:
        with g = group and n = C / g, channel j g + i of y is channel i n + j of x: first the first
        channel of each group, then the second of each, and so on; dx takes dy back.
    Shapes:
        x and y (N, C, ...), the same, C divisible by g.
    Source:
        Zhang et al.: ShuffleNet, 2017, section 3.1, as in the forks' Caffe and in OpenCV.
    Example:
        layer {
          name: "mix" type: "ShuffleChannel" bottom: "x" top: "y"
          shuffle_channel_param { group: 2 }
        }
    """

    type = "ShuffleChannel"
    is_linear = True
    rows_independent = True
    example = ((2, 6, 2, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ShuffleFacts]:
        """The groups must be equal parts of the channels."""
        (shape,) = ctx.shapes
        group = ctx.param.shuffle_channel_param.group
        if len(shape) < 2:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="two axes or more: items, and their channels",
            )
        if not group or shape[1] % group:
            raise ctx.error(
                f"group {group}",
                at=("shuffle_channel_param", "group"),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, and the groups are equal parts "
                f"of its {shape[1]} channels",
            )
        blocks = (shape[0], group, shape[1] // group, math.prod(shape[2:]))
        return LayerPlan(tops=(BlobSpec(shape),), facts=ShuffleFacts(blocks))

    def forward(self, io: LayerIO[ShuffleFacts]) -> None:
        """Copy with the two axes of the channels exchanged."""
        x = io.bottoms[0].reshape(io.facts.blocks).swapaxes(1, 2)
        np.copyto(io.tops[0].reshape(x.shape), x)

    def backward(self, io: LayerIO[ShuffleFacts]) -> None:
        """Copy the gradient with them exchanged again."""
        dx = io.dbottoms[0]
        if dx is not None:
            back = dx.reshape(io.facts.blocks).swapaxes(1, 2)
            np.copyto(back, io.dtops[0].reshape(back.shape))
