"""MultinomialLogisticLoss: cross entropy of probabilities that are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.class_losses import SMALLEST
from mycaffe_py.layers.base import (
    TWO,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.labels import read_labels


@dataclass(frozen=True)
class MultinomialFacts:
    """Probabilities as (rows, classes)."""

    rows: int
    classes: int
    because: str


@register
class MultinomialLogisticLoss(Layer[MultinomialFacts]):
    """Minus the logarithm of the right class's probability; SoftmaxWithLoss is the safer choice.

    Formula:
        loss = -sum log max(p_label, 1e-20) / N; dp = -w / (N max(p_label, 1e-20)) at the label,
        0 elsewhere, with w the loss weight.
    Shapes:
        p (N, ...) probabilities, each row one a class; labels (N) or (N, 1...); loss ().
    Source:
        As in Caffe, but a label out of range stops instead of reading foreign memory.
    Example:
        layer {
          name: "loss" type: "MultinomialLogisticLoss" bottom: "p" bottom: "label" top: "loss"
        }
    """

    type = "MultinomialLogisticLoss"
    spellings = ("MultinomialLogistic_Loss",)
    bottom_count = TWO
    is_loss = True
    takes_logarithm = True
    judges = "class"
    no_gradient = (1,)
    backward_reads = ("bottoms", "scratch")
    example = ((3, 4), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan[MultinomialFacts]:
        """Scalar top; one label a row."""
        p, labels = ctx.bottoms
        if not p.shape or labels.shape[:1] != p.shape[:1] or labels.count != p.shape[0]:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
                at=("bottom", 1),
                wanted=f"one label for each row of bottom '{ctx.param.bottom[0]}' {p.shape}",
            )
        rows, classes = p.shape[0], BlobSpec(p.shape[1:]).count
        because = f"bottom '{ctx.param.bottom[0]}' has {classes} probabilities a row"
        return LayerPlan(
            tops=(BlobSpec(()),),
            scratch={"labels": Scratch((rows,), np.int64)},
            facts=MultinomialFacts(rows, classes, because),
        )

    def forward(self, io: LayerIO[MultinomialFacts]) -> None:
        """Mean over the rows."""
        facts = io.facts
        labels = io.scratch["labels"]
        given = io.bottoms[1].reshape(facts.rows)
        labels[...], _ = read_labels(io, given, facts.classes, (), because=facts.because)
        p = io.bottoms[0].reshape(facts.rows, facts.classes)
        right = p[np.arange(facts.rows), labels].astype(np.float64)
        io.tops[0][...] = -np.log(np.maximum(right, SMALLEST)).sum() / facts.rows

    def backward(self, io: LayerIO[MultinomialFacts]) -> None:
        """-w / (N p) at the label."""
        dp = io.dbottoms[0]
        if dp is None:
            return
        facts = io.facts
        labels = io.scratch["labels"]
        rows = np.arange(facts.rows)
        right = io.bottoms[0].reshape(facts.rows, facts.classes)[rows, labels]
        factor = float(io.dtops[0]) / facts.rows
        dp.fill(0)
        dp.reshape(facts.rows, facts.classes)[rows, labels] = -factor / np.maximum(right, SMALLEST)
