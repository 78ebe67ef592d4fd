"""Im2col: shows what a convolution's filters look at."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.vision.columns import Columns, columns_of
from mycaffe_py.layers.vision.sliding_window import check_fits, convolution_window, convolved


@dataclass(frozen=True)
class Im2colFacts:
    """How pictures become columns."""

    columns: Columns


@register
class Im2col(Layer[Im2colFacts]):
    """Writes out every patch that a convolution of these options would look at.

    Formula:
        y[n, (c, t), p] = x[n, c, p * stride - pad + t * dilation] or 0 outside, for each tap t;
        dx = the sum of dy over all the places an element was copied to.
    Shapes:
        x (N, C, H, W), y (N, C * KH * KW, OH, OW), OH as for a Convolution. Any number of spatial
        axes behind `axis` (1).
    Source:
        As in Caffe; num_output, group and the fillers of convolution_param mean nothing here.
    Example:
        layer {
          name: "patches" type: "Im2col" bottom: "x" top: "y"
          convolution_param { kernel_size: 3 pad: 1 stride: 2 }
        }
    """

    type = "Im2col"
    rows_independent = True
    example = ((2, 2, 4, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[Im2colFacts]:
        """As many channels as a filter has weights."""
        options = ctx.param.convolution_param
        (shape,) = ctx.shapes
        axis = ctx.axis(options.axis, ("convolution_param", "axis"))
        sizes = shape[axis + 1 :]
        window = convolution_window(ctx, len(sizes))
        check_fits(ctx, "convolution_param", window, sizes)
        out = convolved(window, sizes)
        columns = columns_of(math.prod(shape[:axis]), shape[axis], sizes, out, window)
        top = BlobSpec((*shape[:axis], columns.lines, *out))
        return LayerPlan(tops=(top,), facts=Im2colFacts(columns))

    def forward(self, io: LayerIO[Im2colFacts]) -> None:
        """Make the columns picture by picture."""
        columns: Columns = io.facts.columns
        x, y = columns.pictures(io.bottoms[0]), _patches(columns, io.tops[0])
        for n in range(columns.rows):
            columns.gather(x[n : n + 1], y[n])

    def backward(self, io: LayerIO[Im2colFacts]) -> None:
        """Add up the gradients of the copies of each value."""
        if io.dbottoms[0] is not None:
            columns: Columns = io.facts.columns
            dx, dy = columns.pictures(io.dbottoms[0]), _patches(columns, io.dtops[0])
            for n in range(columns.rows):
                columns.scatter(dy[n], dx[n : n + 1])


def _patches(columns: Columns, y: Array) -> Array:
    """A top or its gradient as (N, C * T, P)."""
    return y.reshape(columns.rows, columns.lines, columns.area)
