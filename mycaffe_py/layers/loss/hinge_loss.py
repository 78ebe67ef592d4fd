"""HingeLoss: a support vector machine's loss, one class against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.class_losses import hinge, hinge_backward
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
from mycaffe_py.proto.mycaffe_pb2 import HingeLossParameter


@dataclass(frozen=True)
class HingeFacts:
    """Scores as (rows, classes); whether violations count squared."""

    rows: int
    classes: int
    squared: bool
    because: str


@register
class HingeLoss(Layer[HingeFacts]):
    """How far scores fall short of a margin of 1, the label's above and all others below.

    Formula:
        gap = max(0, 1 - x) at the label, max(0, 1 + x) at the other classes;
        L1: loss = sum gap / N; dx = w / N * (-1 at the label, else 1) where gap > 0, else 0.
        L2: loss = sum gap^2 / N; dx the same times 2 gap. w is the loss weight.
    Shapes:
        x (N, ...) scores, each row one score a class; labels (N) or (N, 1...); loss ().
    Source:
        As in Caffe, but a label out of range stops instead of counting for no class.
    Example:
        layer {
          name: "loss" type: "HingeLoss" bottom: "x" bottom: "label" top: "loss"
          hinge_loss_param { norm: L2 }
        }
    """

    type = "HingeLoss"
    spellings = ("Hinge_Loss",)
    bottom_count = TWO
    is_loss = True
    judges = "class"
    no_gradient = (1,)
    backward_reads = ("bottoms", "scratch")
    example = ((3, 4), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan[HingeFacts]:
        """Scalar top; one label a row."""
        scores, labels = ctx.bottoms
        if (
            not scores.shape
            or labels.shape[:1] != scores.shape[:1]
            or (labels.count != scores.shape[0])
        ):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
                at=("bottom", 1),
                wanted=f"one label for each row of bottom '{ctx.param.bottom[0]}' {scores.shape}",
            )
        rows, classes = scores.shape[0], BlobSpec(scores.shape[1:]).count
        facts = HingeFacts(
            rows,
            classes,
            ctx.param.hinge_loss_param.norm == HingeLossParameter.L2,
            f"bottom '{ctx.param.bottom[0]}' has {classes} scores a row",
        )
        return LayerPlan(
            tops=(BlobSpec(()),), scratch={"labels": Scratch((rows,), np.int64)}, facts=facts
        )

    def forward(self, io: LayerIO[HingeFacts]) -> None:
        """Sum over N."""
        facts = io.facts
        labels = io.scratch["labels"]
        given = io.bottoms[1].reshape(facts.rows)
        labels[...], _ = read_labels(io, given, facts.classes, (), because=facts.because)
        x = io.bottoms[0].reshape(facts.rows, facts.classes)
        io.tops[0][...] = hinge(x, labels, facts.squared) / facts.rows

    def backward(self, io: LayerIO[HingeFacts]) -> None:
        """Push violators towards their side."""
        if io.dbottoms[0] is not None:
            facts = io.facts
            shape = (facts.rows, facts.classes)
            x, dx = io.bottoms[0].reshape(shape), io.dbottoms[0].reshape(shape)
            factor = float(io.dtops[0]) / facts.rows
            hinge_backward(x, io.scratch["labels"], facts.squared, factor, dx)
