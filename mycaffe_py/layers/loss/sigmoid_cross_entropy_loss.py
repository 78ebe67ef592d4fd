"""SigmoidCrossEntropyLoss: independent yes-or-no targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.class_losses import (
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_backward,
)
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
from mycaffe_py.layers.loss.loss_normalization import (
    counted_in,
    divisor,
    normalization_mode,
)
from mycaffe_py.proto.mycaffe_pb2 import LossParameter


@dataclass(frozen=True)
class SigmoidLossFacts:
    """Scores as (outer, inner); what the loss is divided by; target that does not count."""

    outer: int
    inner: int
    mode: int
    ignored: int | None


@register
class SigmoidCrossEntropyLoss(Layer[SigmoidLossFacts]):
    """Cross entropy between targets and the sigmoids of scores, each element on its own.

    Formula:
        loss = sum (log(1 + e^x) - t x) / Z; dx = w * (sigmoid(x) - t) / Z, 0 where ignored, with
        w the loss weight. Z by loss_param.normalization: BATCH_SIZE (default here) the rows, FULL
        all elements, VALID those not ignored, NONE 1; never below 1.
    Shapes:
        x (N, ...) scores; t as many targets, 0 to 1, fractions allowed; loss ().
    Source:
        As in Caffe: t gets no gradient, and ignore_label looks at t without its fraction, so that
        ignore_label 0 leaves out 0.3 too.
    Example:
        layer { name: "loss" type: "SigmoidCrossEntropyLoss" bottom: "x" bottom: "t" top: "loss" }
    """

    type = "SigmoidCrossEntropyLoss"
    spellings = ("SigmoidCrossEntropy_Loss",)
    bottom_count = TWO
    is_loss = True
    no_gradient = (1,)
    backward_reads = ("bottoms", "scratch")
    example = ((3, 4), (3, 4))

    def plan(self, ctx: LayerContext) -> LayerPlan[SigmoidLossFacts]:
        """Scalar top; as many targets as scores."""
        x, target = ctx.bottoms
        if not x.shape or x.shape[:1] != target.shape[:1] or x.count != target.count:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {target.shape}",
                at=("bottom", 1),
                wanted=f"one target for each score of bottom '{ctx.param.bottom[0]}' {x.shape}",
            )
        loss = ctx.param.loss_param
        facts = SigmoidLossFacts(
            outer=x.shape[0],
            inner=BlobSpec(x.shape[1:]).count,
            mode=normalization_mode(ctx, LossParameter.BATCH_SIZE),
            ignored=loss.ignore_label if loss.HasField("ignore_label") else None,
        )
        return LayerPlan(
            tops=(BlobSpec(()),),
            scratch={"counted": Scratch((x.count,), np.bool_)},
            facts=facts,
        )

    def forward(self, io: LayerIO[SigmoidLossFacts]) -> None:
        """Sum over Z."""
        x, target = (bottom.reshape(-1) for bottom in io.bottoms)
        counted = io.scratch["counted"]
        counted.fill(True)
        if io.facts.ignored is not None:
            np.not_equal(np.trunc(target), io.facts.ignored, out=counted)
        io.tops[0][...] = sigmoid_cross_entropy(x, target, counted) / self._divisor(io)

    def backward(self, io: LayerIO[SigmoidLossFacts]) -> None:
        """(sigmoid(x) - t) * w / Z."""
        if io.dbottoms[0] is not None:
            x, target = (bottom.reshape(-1) for bottom in io.bottoms)
            factor = float(io.dtops[0]) / self._divisor(io)
            dx = io.dbottoms[0].reshape(-1)
            sigmoid_cross_entropy_backward(x, target, io.scratch["counted"], factor, dx)

    def mean_of(self, io: LayerIO[SigmoidLossFacts]) -> float | None:
        """What loss_param.normalization says."""
        facts = io.facts
        counted = int(io.scratch["counted"].sum())
        return counted_in(facts.mode, facts.outer, facts.inner, counted)

    def _divisor(self, io: LayerIO[SigmoidLossFacts]) -> float:
        facts = io.facts
        counted = int(io.scratch["counted"].sum())
        return divisor(facts.mode, facts.outer, facts.inner, counted)
