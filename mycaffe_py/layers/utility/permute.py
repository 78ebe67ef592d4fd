"""Permute: axes in another order, as the SSD fork has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)


@dataclass(frozen=True)
class PermuteFacts:
    """For each axis of the top that of the bottom."""

    axes: tuple[int, ...]


@register
class Permute(Layer[PermuteFacts]):
    """Puts the axes into another order; those that are not named follow in theirs.

    Formula:
        axis i of y is axis order[i] of x; dx takes dy back.
    Shapes:
        x any shape, y as order says: 0 2 3 1 turns (N, C, H, W) into (N, H, W, C), and 0 2 makes
        (N, H, C, W) of it. An order that changes nothing shares the bottom's memory.
    Source:
        As in the SSD fork of Caffe. MyCaffe's Transpose does the same with every axis named;
        OpenCV refuses an order that leaves axes out.
    Example:
        layer {
          name: "turned" type: "Permute" bottom: "x" top: "y"
          permute_param { order: 0 order: 2 order: 3 order: 1 }
        }
    """

    type = "Permute"
    is_linear = True
    example = ((2, 3, 2, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[PermuteFacts]:
        """Check that no axis is named twice, and add those that are not named."""
        (shape,) = ctx.shapes
        named = list(ctx.param.permute_param.order)
        for place, axis in enumerate(named):
            if axis >= len(shape) or axis in named[:place]:
                raise ctx.error(
                    f"order {' '.join(map(str, named))}",
                    at=("permute_param", "order", place),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, so its axes are "
                    f"{', '.join(map(str, range(len(shape))))}, each once",
                )
        axes = (*named, *(axis for axis in range(len(shape)) if axis not in named))
        stays = axes == tuple(range(len(shape)))
        return LayerPlan(
            tops=(BlobSpec(tuple(shape[axis] for axis in axes)),),
            facts=PermuteFacts(axes),
            views={0: 0} if stays else {},
            views_gradient=stays,
        )

    def forward(self, io: LayerIO[PermuteFacts]) -> None:
        """Copy with the axes in the new order."""
        if not _stays(io.facts):
            np.copyto(io.tops[0], io.bottoms[0].transpose(io.facts.axes))

    def backward(self, io: LayerIO[PermuteFacts]) -> None:
        """Copy the gradient with the axes in the old order."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is not None and not _stays(facts):
            np.copyto(dx.transpose(facts.axes), io.dtops[0])


def _stays(facts: PermuteFacts) -> bool:
    return facts.axes == tuple(range(len(facts.axes)))
