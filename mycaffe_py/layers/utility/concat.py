"""Concat: blobs side by side along an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    ANY,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)


@dataclass(frozen=True)
class ConcatFacts:
    """The axis, and for each bottom the index expression of its part of the top."""

    axis: int
    parts: tuple[tuple[slice, ...], ...]


@register
class Concat(Layer[ConcatFacts]):
    """Puts blobs side by side along an axis.

    Formula:
        y = x_0, x_1, ... one behind the other along `axis`; dx_k = that part of dy.
    Shapes:
        x_k (N, C_k, ...), y (N, sum of C_k, ...) for the default axis 1; the other extents agree.
    Source:
        As in Caffe. concat_dim is the old name of axis; both may stand together when they agree.
    Example:
        layer {
          name: "both" type: "Concat" bottom: "a" bottom: "b" top: "y"
          concat_param { axis: 1 }
        }
    """

    type = "Concat"
    is_linear = True
    bottom_count = ANY
    example = ((2, 3, 2), (2, 1, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[ConcatFacts]:
        """The extents along the axis add up to the top's."""
        axis = _axis(ctx)
        first = ctx.shapes[0]
        parts, end = [], 0
        for index, shape in enumerate(ctx.shapes):
            same = len(shape) == len(first) and all(
                k == axis or extent == first[k] for k, extent in enumerate(shape)
            )
            if not same:
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {shape}",
                    at=("bottom", index),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {first}, "
                    f"and only axis {axis} may differ",
                )
            parts.append((*(slice(None),) * axis, slice(end, end + shape[axis])))
            end += shape[axis]
        top = (*first[:axis], end, *first[axis + 1 :])
        return LayerPlan(tops=(BlobSpec(top),), facts=ConcatFacts(axis, tuple(parts)))

    def forward(self, io: LayerIO[ConcatFacts]) -> None:
        """Copy each bottom to its place."""
        np.concatenate(io.bottoms, axis=io.facts.axis, out=io.tops[0])

    def backward(self, io: LayerIO[ConcatFacts]) -> None:
        """Copy each part back."""
        for dx, part in zip(io.dbottoms, io.facts.parts, strict=True):
            if dx is not None:
                dx[...] = io.dtops[0][part]


def _axis(ctx: LayerContext) -> int:
    options = ctx.param.concat_param
    axis = ctx.axis(options.axis, ("concat_param", "axis"))
    if not options.HasField("concat_dim"):
        return axis
    dim = ctx.axis(options.concat_dim, ("concat_param", "concat_dim"))
    if options.HasField("axis") and axis != dim:
        raise ctx.error(
            f"axis {options.axis} and concat_dim {options.concat_dim} disagree",
            at=("concat_param", "concat_dim"),
            wanted="concat_dim is the old name of axis",
            do="Delete concat_dim.",
        )
    return dim
