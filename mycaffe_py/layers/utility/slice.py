"""Slice: cuts a blob into parts along an axis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

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
class SliceFacts:
    """For each top the index expression of its part of the bottom."""

    parts: tuple[tuple[slice, ...], ...]


@register
class Slice(Layer[SliceFacts]):
    """Cuts a blob into parts along an axis, one for each top.

    Formula:
        y_k = x[..., p_k : p_k+1, ...] with p = 0, slice_point..., extent; dx = the dy_k side by
        side. Without slice_point the parts are equal.
    Shapes:
        x (N, C, ...), y_k (N, p_k+1 - p_k, ...) for the default axis 1.
    Source:
        As in Caffe. Caffe refuses slice_dim (the old name) beside axis, MyCaffe writes both: they
        may stand together when they agree.
    Example:
        layer {
          name: "pair" type: "Slice" bottom: "x" top: "a" top: "b"
          slice_param { axis: 1 slice_point: 1 }
        }
    """

    type = "Slice"
    is_linear = True
    top_count = ANY
    example = ((2, 3, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[SliceFacts]:
        """Find where the cuts are; each part is a top."""
        (shape,) = ctx.shapes
        axis = _axis(ctx)
        cuts = _cuts(ctx, shape[axis])
        tops, parts = [], []
        for start, stop in pairwise(cuts):
            tops.append(BlobSpec((*shape[:axis], stop - start, *shape[axis + 1 :])))
            parts.append((*(slice(None),) * axis, slice(start, stop)))
        return LayerPlan(tops=tuple(tops), facts=SliceFacts(tuple(parts)))

    def forward(self, io: LayerIO[SliceFacts]) -> None:
        """Copy each part."""
        for y, part in zip(io.tops, io.facts.parts, strict=True):
            y[...] = io.bottoms[0][part]

    def backward(self, io: LayerIO[SliceFacts]) -> None:
        """Copy each part back."""
        dx = io.dbottoms[0]
        if dx is not None:
            for dy, part in zip(io.dtops, io.facts.parts, strict=True):
                dx[part] = dy


def _axis(ctx: LayerContext) -> int:
    options = ctx.param.slice_param
    axis = ctx.axis(options.axis, ("slice_param", "axis"))
    if not options.HasField("slice_dim"):
        return axis
    dim = ctx.axis(options.slice_dim, ("slice_param", "slice_dim"))
    if options.HasField("axis") and axis != dim:
        raise ctx.error(
            f"axis {options.axis} and slice_dim {options.slice_dim} disagree",
            at=("slice_param", "slice_dim"),
            wanted="slice_dim is the old name of axis",
            do="Delete slice_dim.",
        )
    return dim


def _cuts(ctx: LayerContext, extent: int) -> list[int]:
    """0, the slice points, and the extent of the axis."""
    points = list(ctx.param.slice_param.slice_point)
    count = ctx.top_count
    if not points:
        if extent % count:
            raise ctx.error(
                f"{extent} entries cannot be cut into {count} equal parts",
                at=("slice_param",),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}",
                do="Give slice_point.",
            )
        return [k * (extent // count) for k in range(count + 1)]
    if len(points) != count - 1:
        raise ctx.error(
            f"{len(points)} slice_point for {count} tops",
            at=("slice_param", "slice_point", 0),
            wanted=f"one between each two neighbours, so {count - 1}",
        )
    cuts = [0, *points, extent]
    if any(start >= stop for start, stop in pairwise(cuts)):
        raise ctx.error(
            f"slice_point {', '.join(map(str, points))} of an axis with {extent} entries",
            at=("slice_param", "slice_point", 0),
            wanted="points must rise, from 1 at least to the extent of the axis less 1",
        )
    return cuts
