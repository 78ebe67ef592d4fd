"""InnerProduct: the fully connected layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from mycaffe_py.kernels.products.gemm import gemm, gemm_call, packed_size
from mycaffe_py.kernels.products.inner_product import add_bias
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
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


@dataclass(frozen=True)
class InnerProductFacts:
    """Rows, inputs and outputs of the product; whether w is (inputs, outputs); whether b is."""

    rows: int
    inputs: int
    outputs: int
    transpose: bool
    bias: bool


@register
class InnerProduct(Layer[InnerProductFacts]):
    """Fully connected: every output is a weighted sum of all inputs.

    Formula:
        y = x w^T + b; dx = dy w, dw = dy^T x, db = sum of dy over the rows.
    Shapes:
        x (N, ...) flattened from `axis` (1) on to (N, D); w (K, D), with transpose (D, K); b (K);
        y (N, K), the axes ahead of `axis` kept.
    Source:
        As in Caffe.
    Example:
        layer {
          name: "ip" type: "InnerProduct" bottom: "x" top: "y"
          inner_product_param { num_output: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "InnerProduct"
    is_linear = True
    rows_independent = True
    backward_reads: ClassVar[tuple[str, ...]] = ("bottoms", "params")
    example = ((4, 2, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[InnerProductFacts]:
        """One row of outputs for each place ahead of `axis`."""
        (shape,) = ctx.shapes
        options = ctx.param.inner_product_param
        message = "inner_product_param"
        axis = ctx.axis(options.axis, (message, "axis"))
        outputs, inputs = options.num_output, math.prod(shape[axis:])
        if outputs < 1:
            raise ctx.error("no num_output", at=(message,), do="Write for instance: num_output: 10")
        if inputs < 1:
            raise ctx.error(f"bottom is {shape}", at=("bottom", 0), wanted="at least one input")
        rows = math.prod(shape[:axis])
        size = (inputs, outputs) if options.transpose else (outputs, inputs)
        params = [filled(size, options.weight_filler, ctx.where.at(message, "weight_filler"))]
        if options.bias_term:
            where = ctx.where.at(message, "bias_filler")
            params.append(filled((outputs,), options.bias_filler, where))
        return LayerPlan(
            tops=(BlobSpec((*shape[:axis], outputs)),),
            params=tuple(params),
            scratch={"packed": Scratch(shape_of=partial(_packed, rows, inputs, outputs))},
            facts=InnerProductFacts(rows, inputs, outputs, options.transpose, options.bias_term),
        )

    def forward(self, io: LayerIO[InnerProductFacts]) -> None:
        """One matrix product."""
        facts = io.facts
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        y = io.tops[0].reshape(facts.rows, facts.outputs)
        gemm(x, io.params[0], y, transpose_b=not facts.transpose, packed=io.scratch["packed"])
        if facts.bias:
            y += io.params[1]

    def calls(self, io: LayerIO[InnerProductFacts]) -> list[Call] | None:
        """The product, and the bias where there is one."""
        facts = io.facts
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        y = io.tops[0].reshape(facts.rows, facts.outputs)
        how = {"transpose_b": not facts.transpose, "packed": io.scratch["packed"]}
        product = gemm_call(x, io.params[0], y, **how)
        return [product, Call(add_bias, (io.params[1], y))] if facts.bias else [product]

    def backward(self, io: LayerIO[InnerProductFacts]) -> None:
        """Two matrix products and a sum."""
        facts = io.facts
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        dy = io.dtops[0].reshape(facts.rows, facts.outputs)
        w = io.params[0]
        dx, dw = io.dbottoms[0], io.dparams[0]
        packed = io.scratch["packed"]
        if dw is not None:
            left, right = (x, dy) if facts.transpose else (dy, x)
            gemm(left, right, dw, transpose_a=True, accumulate=True, packed=packed)
        if facts.bias:
            db = io.dparams[1]
            if db is not None:
                add_bias_sums(dy, io.context.twins, db)
        if dx is not None:
            dx = dx.reshape(facts.rows, facts.inputs)
            gemm(dy, w, dx, transpose_b=facts.transpose, packed=packed)


def _packed(rows: int, inputs: int, outputs: int, dtype: Any) -> Shape:
    """Scratch for the packed right-hand side of any of the three products."""
    sides = ((outputs, inputs), (inputs, rows), (outputs, rows), (inputs, outputs))
    return (max(packed_size(columns, depth, dtype) for columns, depth in sides),)
