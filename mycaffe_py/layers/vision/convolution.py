"""Convolution: filters slid over a picture (or over a line, or through a volume)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from mycaffe_py.kernels.convolution import im2col as kernels
from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
    ANY,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.bias_sums import add_bias_sums
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.vision.calls import calls_of
from mycaffe_py.layers.vision.columns import Columns, columns_of
from mycaffe_py.layers.vision.direct_convolution import Direct, direct_of
from mycaffe_py.layers.vision.direct_gradient import DirectGradient, direct_gradient_of
from mycaffe_py.layers.vision.filter_gradient import FilterGradient, filter_gradient_of
from mycaffe_py.layers.vision.filter_options import check_filters, group_tables, product_sides
from mycaffe_py.layers.vision.sliding_window import check_fits, convolution_window, convolved


@dataclass(frozen=True)
class ConvolutionFacts:
    """How pictures become columns, and what the filters make of them.

    `direct`: how forward does without columns, or None where it cannot; `gradient`: how backward
    does without them towards the bottoms; `filters`: towards the filters.
    """

    columns: Columns
    outputs: int
    group: int
    bias: bool
    direct: Direct | None
    gradient: DirectGradient | None
    filters: FilterGradient | None

    @property
    def depthwise(self) -> Direct | None:
        """How it runs where each output has one input channel: backward, too, needs no columns."""
        return self.direct if self.direct is not None and self.direct.depthwise else None


@register
class Convolution(Layer[ConvolutionFacts]):
    """Slides filters over a picture; each output channel is a weighted sum of what they see.

    Formula:
        y[n, o, p] = b[o] + sum over c, t of w[o, c, t] x[n, c, p * stride - pad + t * dilation]
        (no flip, 0 outside); dw, dx, db are the sums of dy times what stood beside it. With
        group g, channels and outputs fall into g parts that do not see each other.
    Shapes:
        x (N, C, H, W), w (K, C / group, KH, KW), b (K), y (N, K, OH, OW),
        OH = floor((H + 2 pad - (dilation (KH - 1) + 1)) / stride) + 1. Any number of spatial axes
        behind `axis` (1). Several bottoms, of one shape, make as many tops with the same weights.
    Source:
        As in Caffe. Two forks have types of their own for a group for each channel; their texts
        are read as this one. A window larger than the padded picture and a lone stride_h or
        kernel_h, which crash Caffe or give nonsense, are errors here.
    Example:
        layer {
          name: "conv1" type: "Convolution" bottom: "x" top: "y"
          convolution_param { num_output: 3 kernel_size: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "Convolution"
    spellings = ("ConvolutionDepthwise", "DepthwiseConvolution")
    is_linear = True
    bottom_count = ANY
    top_count = ANY
    tops_match_bottoms = True
    rows_independent = True
    backward_reads: ClassVar[tuple[str, ...]] = ("bottoms", "params")
    example = ((2, 2, 5, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ConvolutionFacts]:
        """The filters, and the size of their results."""
        options = ctx.param.convolution_param
        at = "convolution_param"
        axis = ctx.axis(options.axis, (at, "axis"))
        facts = _facts(ctx, axis)
        columns = facts.columns
        filters = (facts.outputs, columns.channels // facts.group, *columns.window.kernel)
        params = [filled(filters, options.weight_filler, ctx.where.at(at, "weight_filler"))]
        if facts.bias:
            where = ctx.where.at(at, "bias_filler")
            params.append(filled((facts.outputs,), options.bias_filler, where))
        top = BlobSpec((*ctx.shapes[0][:axis], facts.outputs, *columns.out))
        return LayerPlan(
            tops=(top,) * len(ctx.bottoms),
            params=tuple(params),
            scratch=_scratch(facts),
            facts=facts,
        )

    def forward(self, io: LayerIO[ConvolutionFacts]) -> None:
        """Multiply the filters with the images as they lie, or with columns of some pictures."""
        facts = io.facts
        if facts.direct is not None:
            ends = io.scratch["ends"]
            first_ends(io, ends)
            for bottom, top in zip(io.bottoms, io.tops, strict=True):
                run_direct(io, bottom, ends, None, False, top)
            return
        bias = io.params[1] if facts.bias else np.empty(0, io.params[0].dtype)
        for bottom, top in zip(io.bottoms, io.tops, strict=True):
            x, y = facts.columns.pictures(bottom), _results(facts, top)
            for part in facts.columns.parts():
                columns, products = product_sides(
                    facts.columns, io.scratch, "products", facts.outputs, part
                )
                facts.columns.gather(x[part], columns)
                for w, seen, made in group_tables(facts.group, io.params[0], columns, products):
                    gemm(w, seen, made)
                kernels.rows_to_images(products, bias, y[part])

    def calls(self, io: LayerIO[ConvolutionFacts]) -> list[Call] | None:
        """One kernel a bottom, or those around the product where all columns are made at once."""
        return calls_of(io)

    def backward(self, io: LayerIO[ConvolutionFacts]) -> None:
        """Make the columns again: to keep them would cost too much memory."""
        facts = io.facts
        w, dw = io.params[0], io.dparams[0]
        db = io.dparams[1] if facts.bias else None
        gradient = facts.gradient
        if gradient is not None and any(dbottom is not None for dbottom in io.dbottoms):
            gradient.prepare(w, io.scratch)
        self.add_bias_gradient(io, db)
        for bottom, dbottom, dtop in zip(io.bottoms, io.dbottoms, io.dtops, strict=True):
            x, dy = facts.columns.pictures(bottom), _results(facts, dtop)
            dx = None if dbottom is None else facts.columns.pictures(dbottom)
            if facts.depthwise is not None:
                facts.depthwise.backward(x, _planes(facts, dtop), w, dw, dx)
                continue
            if facts.filters is not None and dw is not None:
                facts.filters.run(x, _planes(facts, dtop), io.scratch, dw)
            if gradient is not None and dx is not None:
                gradient.run(_planes(facts, dtop), w, io.scratch, dx)
                dx = None
            left = dw if facts.filters is None else None
            if left is not None or dx is not None:
                _through_columns(io, x, dy, left, dx)

    def add_bias_gradient(self, io: LayerIO[ConvolutionFacts], db: Array | None) -> None:
        """What backward begins with."""
        if db is not None:
            for dtop in io.dtops:
                add_bias_sums(_results(io.facts, dtop), io.context.twins, db)


def _through_columns(
    io: LayerIO[ConvolutionFacts], x: Array, dy: Array, dw: Array | None, dx: Array | None
) -> None:
    """Add to dw, and overwrite dx, by products with columns."""
    facts, w = io.facts, io.params[0]
    for part in facts.columns.parts():
        columns, dproducts = product_sides(
            facts.columns, io.scratch, "products", facts.outputs, part
        )
        kernels.images_to_rows(dy[part], dproducts)
        if dw is not None:
            facts.columns.gather(x[part], columns)
            for dw_part, seen, dmade in group_tables(facts.group, dw, columns, dproducts):
                gemm(dmade, seen, dw_part, transpose_b=True, accumulate=True)
        if dx is not None:
            for w_part, dseen, dmade in group_tables(facts.group, w, columns, dproducts):
                gemm(w_part, dmade, dseen, transpose_a=True)
            facts.columns.scatter(columns, dx[part])


def first_ends(io: LayerIO[Any], ends_out: Array) -> None:
    """Factor 1 and the bias (or 0) of each output channel: what a convolution alone ends with."""
    ends_out[0] = 1
    ends_out[1] = io.params[1] if io.facts.bias else 0


def run_direct(
    io: LayerIO[ConvolutionFacts],
    bottom: Array,
    ends: Array,
    added: Array | None,
    relu: bool,
    top: Array,
) -> None:
    """The convolution of one bottom, with what follows it (see Direct.run)."""
    facts = io.facts
    columns, direct = facts.columns, facts.direct
    assert direct is not None
    x, y = columns.pictures(bottom), _planes(facts, top)
    direct.run(x, io.params[0], ends, added, relu, io.scratch.get("planes"), y)


def _scratch(facts: ConvolutionFacts) -> dict[str, Scratch]:
    places = facts.columns.chunk * facts.columns.area
    use: Literal["through", "backward"] = "through" if facts.direct is None else "backward"
    scratch = {}
    if facts.depthwise is None and (facts.gradient is None or facts.filters is None):
        scratch["columns"] = Scratch((facts.columns.lines * places,), use=use)
        scratch["products"] = Scratch((facts.outputs * places,), use=use)
    if facts.direct is not None:
        scratch |= facts.direct.scratch(facts.outputs)
    if facts.gradient is not None:
        scratch |= facts.gradient.scratch()
    if facts.filters is not None:
        scratch |= facts.filters.scratch()
    return scratch


def _facts(ctx: LayerContext, axis: int) -> ConvolutionFacts:
    check_filters(ctx, axis)
    options = ctx.param.convolution_param
    at = "convolution_param"
    shape = ctx.shapes[0]
    channels, sizes = shape[axis], shape[axis + 1 :]
    outputs, group = options.num_output, options.group
    window = convolution_window(ctx, len(sizes))
    check_fits(ctx, at, window, sizes)
    rows = math.prod(shape[:axis])
    columns = columns_of(rows, channels, sizes, convolved(window, sizes), window)
    direct = direct_of(columns, outputs, group)
    gradient = direct_gradient_of(columns, outputs, group)
    filters = filter_gradient_of(direct, outputs)
    return ConvolutionFacts(columns, outputs, group, options.bias_term, direct, gradient, filters)


def _results(facts: ConvolutionFacts, y: Array) -> Array:
    """A top or its gradient as (N, K, P)."""
    return y.reshape(facts.columns.rows, facts.outputs, facts.columns.area)


def _planes(facts: ConvolutionFacts, y: Array) -> Array:
    """A top or its gradient as (N, K, OH, OW)."""
    return y.reshape(facts.columns.rows, facts.outputs, *facts.columns.plane()[4])
