"""MarginInnerProduct: scores of classes by angle, the own class with a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.margin_scores import add_margin, add_margin_gradient, unit_rows
from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.labels import read_labels
from mycaffe_py.proto.mycaffe_pb2 import TRAIN


@dataclass(frozen=True)
class MarginInnerProductFacts:
    """Rows, inputs and classes; the margin m; how the weight of the plain score falls."""

    rows: int
    inputs: int
    outputs: int
    margin: int
    base: float
    gamma: float
    power: float
    iteration: int
    least: float

    def plain(self, batch_number: int) -> float:
        """The weight of the plain score beside that with margin, in this batch."""
        passed = self.iteration + batch_number + 1
        return float(max(self.base * (1 + self.gamma * passed) ** -self.power, self.least))


@register
class MarginInnerProduct(Layer[MarginInnerProductFacts]):
    """Class scores |x| cos(angle to the class), the own class's angle times m in training.

    Formula:
        s_j = x . w_j / |w_j|. y_j = s_j but at the row's label:
        y = (|x| psi(theta) + lambda s) / (1 + lambda), theta the angle between x and w_label,
        psi = (-1)^k cos(m theta) - 2k for k pi / m <= theta <= (k + 1) pi / m.
        lambda = max(base (1 + gamma t)^-power, lambda_min) with t = iteration + 1 in the first
        batch, one more in each. dw = dy^T x. dx = dy w but at the label, where the gradient
        a w + b x of |x| psi is scaled so that a^2 + b^2 = 1 (m > 1).
    Shapes:
        x (M, ...), K numbers from `axis` on; labels (M); w (L, K), L = num_output; y (M, L), the
        axes ahead of `axis` kept; a second top, if any, (1): lambda. x alone: y = s.
    Source:
        Liu and others: SphereFace: Deep Hypersphere Embedding for Face Recognition, 2017. As in
        its Caffe: in TRAIN the rows of w are brought to length 1 before each forward and stay so,
        neither gradient knows of that, and the scaled dx keeps the margin's gradient, up to m^2
        times as large, from tearing. Differences: x alone, for nets without labels; a row of zeros,
        in x or in w, scores 0 instead of NaN; a label out of range stops.
    Example:
        layer {
          name: "scores" type: "MarginInnerProduct" bottom: "feat" bottom: "label" top: "scores"
          margin_inner_product_param {
            num_output: 3 type: QUADRUPLE weight_filler { type: "xavier" }
            base: 1000 gamma: 0.12 lambda_min: 5
          }
        }
    """

    type = "MarginInnerProduct"
    bottom_count = Count(1, 2)
    top_count = Count(1, 2)
    bottoms_in_run = 1
    backward_reads = ("bottoms", "scratch")
    example = ((4, 5), (4,))

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """The features get one; labels do not."""
        return bottom == 0

    def plan(self, ctx: LayerContext) -> LayerPlan[MarginInnerProductFacts]:
        """A score for each class."""
        facts = _facts(ctx)
        name = "margin_inner_product_param"
        options = ctx.param.margin_inner_product_param
        axis = ctx.axis(options.axis, (name, "axis"))
        size = (facts.outputs, facts.inputs)
        top = (*ctx.shapes[0][:axis], facts.outputs)
        return LayerPlan(
            tops=(BlobSpec(top), BlobSpec((1,)))[: ctx.top_count],
            params=(filled(size, options.weight_filler, ctx.where.at(name, "weight_filler")),),
            scratch={
                "unit": Scratch(size),
                "labels": Scratch((facts.rows,), np.int64),
                "plain": Scratch((facts.rows,)),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[MarginInnerProductFacts]) -> None:
        """One product, then the margin at each label."""
        facts, unit = io.facts, io.scratch["unit"]
        unit_rows(io.params[0], unit)
        if io.phase == TRAIN:
            io.params[0][...] = unit
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        y = io.tops[0].reshape(facts.rows, facts.outputs)
        gemm(x, unit, y, transpose_b=True)
        plain = facts.plain(io.run.batch_number)
        if len(io.tops) > 1:
            io.tops[1][...] = plain
        if len(io.bottoms) > 1:
            labels = io.scratch["labels"]
            given = io.bottoms[1].reshape(facts.rows)
            because = f"num_output is {facts.outputs}"
            labels[...], _ = read_labels(io, given, facts.outputs, (), because=because)
            add_margin(x, labels, facts.margin, plain, io.scratch["plain"], y)

    def backward(self, io: LayerIO[MarginInnerProductFacts]) -> None:
        """Two products, then the margin's share in dx."""
        facts, own = io.facts, io.scratch
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        dy = io.dtops[0].reshape(facts.rows, facts.outputs)
        dx, dw = io.dbottoms[0], io.dparams[0]
        if dw is not None:
            gemm(dy, x, dw, transpose_a=True, accumulate=True)
        if dx is not None:
            dx = dx.reshape(x.shape)
            gemm(dy, own["unit"], dx)
            if len(io.bottoms) > 1 and facts.margin > 1:
                plain = facts.plain(io.run.batch_number)
                given = (own["unit"], own["labels"], facts.margin, plain, own["plain"])
                add_margin_gradient(x, *given, dy, dx)


def _facts(ctx: LayerContext) -> MarginInnerProductFacts:
    name, options = "margin_inner_product_param", ctx.param.margin_inner_product_param
    if options.num_output < 1:
        raise ctx.error(
            "no num_output",
            at=(name,),
            wanted="the number of classes",
            do="Write for instance: num_output: 10",
        )
    for field in ("base", "gamma", "iteration", "lambda_min"):
        value = getattr(options, field)
        if not value >= 0:
            raise ctx.error(f"{field} {value:g}", at=(name, field), wanted="0 or more")
    shape = ctx.shapes[0]
    axis = ctx.axis(options.axis, (name, "axis"))
    rows, inputs = math.prod(shape[:axis]), math.prod(shape[axis:])
    if inputs < 1:
        raise ctx.error(f"bottom is {shape}", at=("bottom", 0), wanted="at least one input")
    if len(ctx.bottoms) > 1 and ctx.bottoms[1].count != rows:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {ctx.shapes[1]}",
            at=("bottom", 1),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, which needs {rows} labels",
        )
    return MarginInnerProductFacts(
        rows=rows,
        inputs=inputs,
        outputs=options.num_output,
        margin=options.type + 1,
        base=options.base,
        gamma=options.gamma,
        power=options.power,
        iteration=options.iteration,
        least=options.lambda_min,
    )
