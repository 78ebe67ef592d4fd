"""Deconvolution: a convolution run backwards, to make pictures larger."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.convolution import im2col as kernels
from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.layers.base import (
    ANY,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    register,
)
from mycaffe_py.layers.bias_sums import add_bias_sums
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.vision.columns import Columns, columns_of
from mycaffe_py.layers.vision.filter_options import check_filters, group_tables, product_sides
from mycaffe_py.layers.vision.sliding_window import SlidingWindow, convolution_window


@dataclass(frozen=True)
class DeconvolutionFacts:
    """How the top's pictures become columns, and how many channels the bottoms have."""

    columns: Columns
    channels: int
    group: int
    bias: bool


@register
class Deconvolution(Layer[DeconvolutionFacts]):
    """Stamps a filter, weighted by each input, onto a larger picture: transposed convolution.

    Formula:
        y[n, o, p * stride - pad + t * dilation] += sum over c of w[c, o, t] x[n, c, p], then b[o]:
        forward is the input gradient of a Convolution, dx the Convolution of dy. With group g,
        channels and outputs fall into g parts that do not see each other.
    Shapes:
        x (N, C, H, W), w (C, K / group, KH, KW), b (K), y (N, K, OH, OW), K = num_output,
        OH = stride (H - 1) + dilation (KH - 1) + 1 - 2 pad. Any number of spatial axes behind
        `axis` (1). Several bottoms, of one shape, make as many tops with the same weights.
    Source:
        As in Caffe; a lone stride_h or kernel_h, which leaves the other 0 there, is an error.
    Example:
        layer {
          name: "up" type: "Deconvolution" bottom: "x" top: "y"
          convolution_param {
            num_output: 2 kernel_size: 4 stride: 2 pad: 1 weight_filler { type: "bilinear" }
          }
        }
    """

    type = "Deconvolution"
    is_linear = True
    bottom_count = ANY
    top_count = ANY
    tops_match_bottoms = True
    rows_independent = True
    backward_reads = ("bottoms", "params")
    example = ((2, 2, 3, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[DeconvolutionFacts]:
        """The filters, and the size of the pictures that they make."""
        options = ctx.param.convolution_param
        at = "convolution_param"
        axis = ctx.axis(options.axis, (at, "axis"))
        facts = _facts(ctx, axis)
        columns = facts.columns
        outputs = options.num_output
        filters = (facts.channels, outputs // facts.group, *columns.window.kernel)
        params = [filled(filters, options.weight_filler, ctx.where.at(at, "weight_filler"))]
        if facts.bias:
            where = ctx.where.at(at, "bias_filler")
            params.append(filled((outputs,), options.bias_filler, where))
        top = BlobSpec((*ctx.shapes[0][:axis], outputs, *columns.sizes))
        places = columns.chunk * columns.area
        return LayerPlan(
            tops=(top,) * len(ctx.bottoms),
            params=tuple(params),
            scratch={
                "columns": Scratch((columns.lines * places,)),
                "inputs": Scratch((facts.channels * places,)),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[DeconvolutionFacts]) -> None:
        """Multiply filters with inputs and add the columns into place, some pictures at a time."""
        facts = io.facts
        for bottom, top in zip(io.bottoms, io.tops, strict=True):
            x, y = _inputs(facts, bottom), facts.columns.pictures(top)
            for part in facts.columns.parts():
                columns, inputs = product_sides(
                    facts.columns, io.scratch, "inputs", facts.channels, part
                )
                kernels.images_to_rows(x[part], inputs)
                for w, made, seen in group_tables(facts.group, io.params[0], columns, inputs):
                    gemm(w, seen, made, transpose_a=True)
                facts.columns.scatter(columns, y[part])
            if facts.bias:
                y += io.params[1].reshape(-1, *(1,) * (y.ndim - 2))

    def backward(self, io: LayerIO[DeconvolutionFacts]) -> None:
        """The columns of dy serve both gradients."""
        facts = io.facts
        w, dw = io.params[0], io.dparams[0]
        db = io.dparams[1] if facts.bias else None
        nothing = np.empty(0, w.dtype)
        for bottom, dbottom, dtop in zip(io.bottoms, io.dbottoms, io.dtops, strict=True):
            x, dy = _inputs(facts, bottom), facts.columns.pictures(dtop)
            dx = None if dbottom is None else _inputs(facts, dbottom)
            if db is not None:
                add_bias_sums(dy, io.context.twins, db)
            for part in facts.columns.parts():
                columns, inputs = product_sides(
                    facts.columns, io.scratch, "inputs", facts.channels, part
                )
                facts.columns.gather(dy[part], columns)
                if dw is not None:
                    kernels.images_to_rows(x[part], inputs)
                    for dw_part, dmade, seen in group_tables(facts.group, dw, columns, inputs):
                        gemm(seen, dmade, dw_part, transpose_b=True, accumulate=True)
                if dx is not None:
                    for w_part, dmade, dseen in group_tables(facts.group, w, columns, inputs):
                        gemm(w_part, dmade, dseen)
                    kernels.rows_to_images(inputs, nothing, dx[part])


def _facts(ctx: LayerContext, axis: int) -> DeconvolutionFacts:
    check_filters(ctx, axis)
    options = ctx.param.convolution_param
    at = "convolution_param"
    shape = ctx.shapes[0]
    channels, sizes = shape[axis], shape[axis + 1 :]
    outputs, group = options.num_output, options.group
    window = convolution_window(ctx, len(sizes))
    made = _stamped(window, sizes)
    if min(made, default=1) < 1:
        raise ctx.error(
            f"pad {' x '.join(map(str, window.pad))} leaves nothing of the result",
            at=(at, "pad"),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, so the top would be {made}",
        )
    columns = columns_of(math.prod(shape[:axis]), outputs, made, sizes, window)
    return DeconvolutionFacts(columns, channels, group, options.bias_term)


def _stamped(window: SlidingWindow, sizes: Shape) -> Shape:
    """stride (size - 1) + extent - 2 pad for each axis."""
    return tuple(
        s * (size - 1) + extent - 2 * p
        for size, p, extent, s in zip(sizes, window.pad, window.extents, window.stride, strict=True)
    )


def _inputs(facts: DeconvolutionFacts, x: Array) -> Array:
    """A bottom or its gradient as (N, C, P)."""
    return x.reshape(facts.columns.rows, facts.channels, facts.columns.area)
