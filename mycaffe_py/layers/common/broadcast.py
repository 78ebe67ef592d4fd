"""How Scale and Bias lay a small blob along axes of a large one.

The large blob is seen as (outer, mid, inner); the small one has mid elements.
"""

from __future__ import annotations

import math
from typing import Protocol

from mycaffe_py.layers.base import LayerContext, Shape

Blocks = tuple[int, int, int]


class BroadcastOptions(Protocol):
    """The options Scale and Bias share."""

    @property
    def axis(self) -> int:
        """First axis of the large blob that the small one lies along."""

    @property
    def num_axes(self) -> int:
        """Number of axes of the small blob; -1 reaches to the end."""


def parameter_shape(ctx: LayerContext, message: str, options: BroadcastOptions) -> Shape:
    """Shape of the small blob where it is a parameter, from axis and num_axes."""
    shape = ctx.shapes[0]
    axis = ctx.axis(options.axis, at=(message, "axis"))
    number = options.num_axes
    if number < -1:
        raise ctx.error(
            f"num_axes {number}",
            at=(message, "num_axes"),
            wanted="it counts axes; -1 means all from axis to the end",
        )
    if number == -1:
        return shape[axis:]
    if axis + number > len(shape):
        raise ctx.error(
            f"axis {options.axis} and num_axes {number} reach beyond the last axis",
            at=(message, "num_axes"),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}",
        )
    return shape[axis : axis + number]


def blocks_along(
    ctx: LayerContext, message: str, options: BroadcastOptions, small: Shape
) -> Blocks:
    """Bottom 0 as (outer, mid, inner) around a blob of shape `small`, which must fit."""
    shape = ctx.shapes[0]
    if not small:
        return 1, 1, math.prod(shape)
    axis = ctx.axis(options.axis, at=(message, "axis"))
    end = axis + len(small)
    if shape[axis:end] != small:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[-1]}' is {small}",
            at=("bottom", len(ctx.bottoms) - 1),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {shape} and meets it from axis {axis} on, "
            f"where it is {shape[axis:]}",
        )
    return math.prod(shape[:axis]), math.prod(small), math.prod(shape[end:])
