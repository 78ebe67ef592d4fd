"""Reshape: the same values under another shape."""

from __future__ import annotations

import math

from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Shape,
    register,
)


@register
class Reshape(Layer):
    """Gives a blob another shape; dim 0 keeps the bottom's extent, one dim -1 is found.

    Formula:
        y = x under another shape; dx = dy likewise.
    Shapes:
        the axes from `axis` on, `num_axes` of them (-1: all), are replaced by `shape`. A negative
        axis counts from the end, -1 being the place behind the last axis. A dim 0 copies the
        bottom's extent at axis + its place. The top shares the bottom's memory, and its gradient.
    Source:
        As in Caffe.
    Example:
        layer {
          name: "table" type: "Reshape" bottom: "x" top: "y"
          reshape_param { shape { dim: 0 dim: 2 dim: -1 } }
        }
    """

    type = "Reshape"
    is_linear = True
    example = ((2, 6),)

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Replace some axes by the given ones."""
        (shape,) = ctx.shapes
        first, last = _replaced(ctx, shape)
        dims = list(ctx.param.reshape_param.shape.dim)
        middle = _resolve(ctx, shape, first, last, dims)
        top = (*shape[:first], *middle, *shape[last:])
        if math.prod(top) != math.prod(shape):
            raise ctx.error(
                f"shape {top} holds {math.prod(top)} values",
                at=("reshape_param", "shape"),
                wanted=f"bottom {shape} has {math.prod(shape)}",
            )
        return LayerPlan(tops=(BlobSpec(top),), views={0: 0}, views_gradient=True)

    def forward(self, io: LayerIO) -> None:
        """Nothing to compute: the top is a view."""

    def backward(self, io: LayerIO) -> None:
        """Nothing to compute: the gradient is a view."""


def _replaced(ctx: LayerContext, shape: Shape) -> tuple[int, int]:
    """First axis that is replaced and first that is not any more."""
    options = ctx.param.reshape_param
    ndim = len(shape)
    first = options.axis if options.axis >= 0 else ndim + options.axis + 1
    last = ndim if options.num_axes == -1 else first + options.num_axes
    if not 0 <= first <= ndim:
        raise ctx.error(
            f"axis {options.axis} does not exist",
            at=("reshape_param", "axis"),
            wanted=f"the bottom is {shape}, so axis runs from {-ndim - 1} to {ndim}",
        )
    if not first <= last <= ndim:
        raise ctx.error(
            f"num_axes {options.num_axes} from axis {first} on",
            at=("reshape_param", "num_axes"),
            wanted=f"the bottom is {shape}, so num_axes runs from -1 to {ndim - first}",
        )
    return first, last


def _resolve(ctx: LayerContext, shape: Shape, first: int, last: int, dims: list[int]) -> list[int]:
    """`dims` with every 0 copied from the bottom and one -1 found from the rest."""
    at = ("reshape_param", "shape")
    if dims.count(-1) > 1 or min(dims, default=0) < -1:
        raise ctx.error(f"shape {dims}", at=at, wanted="dims above 0, 0 (copy) and one -1 at most")
    resolved = []
    for place, dim in enumerate(dims):
        if dim == 0 and first + place >= len(shape):
            raise ctx.error(
                f"dim 0 at place {place} copies axis {first + place}",
                at=at,
                wanted=f"bottom {shape} has {len(shape)} axes",
            )
        resolved.append(shape[first + place] if dim == 0 else dim)
    if -1 in resolved:
        known = math.prod(dim for dim in resolved if dim != -1)
        wanted = math.prod(shape[first:last])
        if known == 0 or wanted % known:
            raise ctx.error(
                f"shape {dims}: {wanted} values cannot be spread over {known}",
                at=at,
                wanted="the dim -1 must come out whole",
            )
        resolved[resolved.index(-1)] = wanted // known
    return resolved
