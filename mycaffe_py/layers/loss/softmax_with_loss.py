"""SoftmaxWithLoss: softmax and the cross entropy of its probabilities, in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.softmax import (
    SMALLEST_PROBABILITY,
    cross_entropy,
    cross_entropy_backward,
    softmax_backward,
    softmax_forward,
)
from mycaffe_py.layers.activation.softmax import blocks_around
from mycaffe_py.layers.base import (
    TWO,
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.labels import read_labels
from mycaffe_py.layers.loss.loss_normalization import (
    counted_in,
    divisor,
    normalization_mode,
)


@dataclass(frozen=True)
class SoftmaxLossFacts:
    """Scores as (outer, C, inner); what the loss is divided by; labels that do not count.

    `weights` of the classes; () where all count alike.
    """

    blocks: tuple[int, int, int]
    mode: int
    ignored: tuple[int, ...]
    because: str
    weights: tuple[float, ...]


@register
class SoftmaxWithLoss(Layer[SoftmaxLossFacts]):
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
    top_count = Count(1, 2)
    is_loss = True
    takes_logarithm = True
    judges = "class"
    runs_as = "Softmax"
    no_gradient = (1,)
    backward_reads = ("scratch",)
    example = ((3, 4), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan[SoftmaxLossFacts]:
        """Scalar top, and the probabilities in scratch."""
        axis = ctx.axis(ctx.param.softmax_param.axis, at=("softmax_param", "axis"))
        scores, labels = ctx.bottoms
        blocks = blocks_around(scores.shape, axis)
        if labels.count != blocks[0] * blocks[2]:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {scores.shape} with the classes on "
                f"axis {axis}, which needs {blocks[0] * blocks[2]} labels",
            )
        loss = ctx.param.loss_param
        facts = SoftmaxLossFacts(
            blocks=blocks,
            mode=normalization_mode(ctx),
            ignored=(loss.ignore_label,) if loss.HasField("ignore_label") else (),
            because=f"bottom '{ctx.param.bottom[0]}' has {blocks[1]} scores on axis {axis}",
            weights=_class_weights(ctx, blocks[1]),
        )
        places = (blocks[0], blocks[2])
        return LayerPlan(
            tops=(BlobSpec(()), BlobSpec(scores.shape))[: ctx.top_count],
            scratch={
                "probabilities": Scratch(scores.shape),
                "labels": Scratch(places, np.int64),
                "counted": Scratch(places, np.bool_),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[SoftmaxLossFacts]) -> None:
        """Probabilities, then their cross entropy."""
        facts = io.facts
        p = io.scratch["probabilities"].reshape(facts.blocks)
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        given = io.bottoms[1].reshape(labels.shape)
        labels[...], counted[...] = read_labels(
            io, given, facts.blocks[1], facts.ignored, because=facts.because
        )
        softmax_forward(io.bottoms[0].reshape(facts.blocks), p)
        if facts.weights:
            own = np.take_along_axis(p, labels[:, None], axis=1)[:, 0]
            losses = -np.log(np.maximum(own, SMALLEST_PROBABILITY)) * _weights(io)
            io.tops[0][...] = losses[counted].sum(dtype=np.float64) / self._divisor(io)
        else:
            io.tops[0][...] = cross_entropy(p, labels, counted) / self._divisor(io)
        if len(io.tops) > 1:
            io.tops[1][...] = io.scratch["probabilities"]

    def backward(self, io: LayerIO[SoftmaxLossFacts]) -> None:
        """(p - onehot) * w / Z, plus the gradient that comes through the second top."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        facts = io.facts
        p = io.scratch["probabilities"].reshape(facts.blocks)
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        factor = float(io.dtops[0]) / self._divisor(io)
        cross_entropy_backward(p, labels, counted, factor, dx.reshape(facts.blocks))
        if facts.weights:
            dx.reshape(facts.blocks)[...] *= _weights(io)[:, None]
        if len(io.dtops) > 1 and io.dtops[1].any():
            through = np.empty_like(p)
            softmax_backward(p, io.dtops[1].reshape(facts.blocks), through)
            dx += through.reshape(dx.shape)

    def mean_of(self, io: LayerIO[SoftmaxLossFacts]) -> float | None:
        """What loss_param.normalization says."""
        outer, _, inner = io.facts.blocks
        return counted_in(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))

    def _divisor(self, io: LayerIO[SoftmaxLossFacts]) -> float:
        outer, _, inner = io.facts.blocks
        return divisor(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))


def _class_weights(ctx: LayerContext, classes: int) -> tuple[float, ...]:
    """class_weighting where it is switched on, else ()."""
    loss = ctx.param.loss_param
    if not loss.weight_by_label_freqs:
        return ()
    weights = tuple(loss.class_weighting)
    if len(weights) != classes:
        raise ctx.error(
            f"{len(weights)} values of class_weighting",
            at=("loss_param", "weight_by_label_freqs"),
            wanted=f"one for each of the {classes} classes",
        )
    return weights


def _weights(io: LayerIO[SoftmaxLossFacts]) -> Array:
    """The weight of each place's class, (outer, inner)."""
    weights: Array = np.array(io.facts.weights, io.bottoms[0].dtype)[io.scratch["labels"]]
    return weights
