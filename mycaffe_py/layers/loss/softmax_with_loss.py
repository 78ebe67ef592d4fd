"""SoftmaxWithLoss: softmax and the cross entropy of its probabilities, in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.softmax import (
    SMALLEST_PROBABILITY,
    cross_entropy,
    cross_entropy_backward,
)
from mycaffe_py.layers.base import TWO, Array, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.labels import Flags, Labels
from mycaffe_py.layers.loss.softmax_loss import ScoreFacts, SoftmaxLoss, score_facts


@dataclass(frozen=True)
class SoftmaxLossFacts(ScoreFacts):
    """And `weights` of the classes; () where all count alike."""

    weights: tuple[float, ...]


@register
class SoftmaxWithLoss(SoftmaxLoss[SoftmaxLossFacts]):
    """Minus the logarithm of the probability that a softmax gives to the right class.

    Formula:
        p = softmax(x) over the class axis; loss = -sum log max(p_label, 1.18e-38) / Z, over the
        labels that are not ignored. dx = w * (p - [k = label]) / Z, 0 at ignored places, with w
        the loss weight. Z by loss_param.normalization: VALID (default) the labels not ignored,
        FULL all labels, BATCH_SIZE the rows, NONE 1; never below 1. With weight_by_label_freqs each
        place counts class_weighting[label] times, in the loss and in dx, not in Z.
    Shapes:
        x (N, C, ...) scores; labels (N, ...) without the class axis, or with 1 in its place;
        loss (); second top, if any, the probabilities, shaped as x.
    Source:
        As in Caffe. Two tops work here (Caffe stops on them), a missing second loss weight means
        0, and a gradient that comes back through the probabilities is passed on. A label out of
        range stops instead of reading foreign memory. class_weighting is SegNet's.
    Example:
        layer {
          name: "loss" type: "SoftmaxWithLoss" bottom: "x" bottom: "label" top: "loss"
          loss_param { ignore_label: 255 normalization: VALID }
        }
    """

    type = "SoftmaxWithLoss"
    spellings = ("SoftmaxWith_Loss", "Softmax_Loss")
    bottom_count = TWO
    runs_as = "Softmax"
    no_gradient = (1,)
    backward_reads = ("scratch",)
    example = ((3, 4), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan[SoftmaxLossFacts]:
        """With the weights of the classes."""
        axis = ctx.axis(ctx.param.softmax_param.axis, at=("softmax_param", "axis"))
        of = score_facts(ctx, axis)
        return self.planned(ctx, SoftmaxLossFacts(**vars(of), weights=_class_weights(ctx, of)))

    def loss(
        self, io: LayerIO[SoftmaxLossFacts], p: Array, labels: Labels, counted: Flags
    ) -> float:
        """Cross entropy."""
        if not io.facts.weights:
            total: float = cross_entropy(p, labels, counted)
            return total
        own = np.take_along_axis(p, labels[:, None], axis=1)[:, 0]
        losses = -np.log(np.maximum(own, SMALLEST_PROBABILITY)) * _weights(io)
        return float(losses[counted].sum(dtype=np.float64))

    def set_gradient(
        self,
        io: LayerIO[SoftmaxLossFacts],
        p: Array,
        labels: Labels,
        counted: Flags,
        factor: float,
        dx: Array,
    ) -> None:
        """p - onehot, where it counts."""
        cross_entropy_backward(p, labels, counted, factor, dx)
        if io.facts.weights:
            dx *= _weights(io)[:, None]


def _class_weights(ctx: LayerContext, of: ScoreFacts) -> tuple[float, ...]:
    """class_weighting where it is switched on, else ()."""
    loss = ctx.param.loss_param
    if not loss.weight_by_label_freqs:
        return ()
    weights = tuple(loss.class_weighting)
    if len(weights) != of.blocks[1]:
        raise ctx.error(
            f"{len(weights)} values of class_weighting",
            at=("loss_param", "weight_by_label_freqs"),
            wanted=f"one for each of the {of.blocks[1]} classes",
        )
    return weights


def _weights(io: LayerIO[SoftmaxLossFacts]) -> Array:
    """The weight of each place's class, (outer, inner)."""
    weights: Array = np.array(io.facts.weights, io.bottoms[0].dtype)[io.scratch["labels"]]
    return weights
