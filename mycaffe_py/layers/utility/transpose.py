"""Transpose: axes in another order."""

from __future__ import annotations

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
class TransposeFacts:
    """The bottom's shape without surplus axes, and for each axis of the top that of the bottom."""

    shape: Shape
    axes: tuple[int, ...]


@register
class Transpose(Layer[TransposeFacts]):
    """Puts the axes into another order.

    Formula:
        axis i of y is axis dim[i] of x; dx takes dy back.
    Shapes:
        x with as many axes as there are dim (0 1 2 3 if none are given), each named once; last
        axes of 1 beyond that number fall away. y as dim says: 1 0 2 turns (N, T, D) to (T, N, D).
    Source:
        As in MyCaffe.
    Example:
        layer {
          name: "turned" type: "Transpose" bottom: "x" top: "y"
          transpose_param { dim: 1 dim: 0 dim: 2 }
        }
    """

    type = "Transpose"
    example = ((2, 3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[TransposeFacts]:
        """Check that every axis is named once."""
        axes = tuple(ctx.param.transpose_param.dim) or (0, 1, 2, 3)
        shape = ctx.shapes[0]
        while len(shape) > len(axes) and shape[-1] == 1:
            shape = shape[:-1]
        if sorted(axes) != list(range(len(shape))):
            raise ctx.error(
                f"dim {' '.join(map(str, axes))}",
                at=("transpose_param", "dim", 0),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}, so each of "
                f"{', '.join(map(str, range(len(shape))))} once",
            )
        top = tuple(shape[axis] for axis in axes)
        return LayerPlan(tops=(BlobSpec(top),), facts=TransposeFacts(shape, axes))

    def forward(self, io: LayerIO[TransposeFacts]) -> None:
        """Copy with the axes in the new order."""
        facts = io.facts
        np.copyto(io.tops[0], io.bottoms[0].reshape(facts.shape).transpose(facts.axes))

    def backward(self, io: LayerIO[TransposeFacts]) -> None:
        """Copy the gradient with the axes in the old order."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is not None:
            back = np.argsort(facts.axes)
            np.copyto(dx.reshape(facts.shape), io.dtops[0].transpose(back))
