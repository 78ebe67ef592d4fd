"""Floor 3. SoftmaxWithLoss: softmax and the cross entropy of its probabilities, in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.softmax import (
    cross_entropy,
    cross_entropy_backward,
    softmax_backward,
    softmax_forward,
)
from mycaffe_py.layers.base import (
    TWO,
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
from mycaffe_py.layers.loss_normalization import divisor, normalization_mode
from mycaffe_py.layers.softmax import blocks_around


@dataclass(frozen=True)
class SoftmaxLossFacts:
    """Scores as (outer, C, inner); what the loss is divided by; labels that do not count."""

    blocks: tuple[int, int, int]
    mode: int
    ignored: tuple[int, ...]
    because: str


@register
class SoftmaxWithLoss(Layer):
    """Minus the logarithm of the probability that a softmax gives to the right class.

    Formula:
        p = softmax(x) over the class axis; loss = -sum log max(p_label, 1.18e-38) / Z, over the
        labels that are not ignored. dx = w * (p - [k = label]) / Z, 0 at ignored places, with w
        the loss weight. Z by loss_param.normalization: VALID (default) the labels not ignored,
        FULL all labels, BATCH_SIZE the rows, NONE 1; never below 1.
    Shapes:
        x (N, C, ...) scores; labels (N, ...) without the class axis, or with 1 in its place;
        loss (); second top, if any, the probabilities, shaped as x.
    Source:
        As in Caffe. Two tops work here (Caffe stops on them), a missing second loss weight means
        0, and a gradient that comes back through the probabilities is passed on. A label out of
        range stops instead of reading foreign memory.
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
    no_gradient = (1,)
    backward_reads = ("scratch",)
    example = ((3, 4), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan:
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

    def forward(self, io: LayerIO) -> None:
        """Probabilities, then their cross entropy."""
        facts: SoftmaxLossFacts = io.facts
        p = io.scratch["probabilities"].reshape(facts.blocks)
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        given = io.bottoms[1].reshape(labels.shape)
        labels[...], counted[...] = read_labels(
            io, given, facts.blocks[1], facts.ignored, because=facts.because
        )
        softmax_forward(io.bottoms[0].reshape(facts.blocks), p)
        io.tops[0][...] = cross_entropy(p, labels, counted) / self._divisor(io)
        if len(io.tops) > 1:
            io.tops[1][...] = io.scratch["probabilities"]

    def backward(self, io: LayerIO) -> None:
        """(p - onehot) * w / Z, plus what comes through the second top."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        facts: SoftmaxLossFacts = io.facts
        p = io.scratch["probabilities"].reshape(facts.blocks)
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        factor = float(io.dtops[0]) / self._divisor(io)
        cross_entropy_backward(p, labels, counted, factor, dx.reshape(facts.blocks))
        if len(io.dtops) > 1 and io.dtops[1].any():
            through = np.empty_like(p)
            softmax_backward(p, io.dtops[1].reshape(facts.blocks), through)
            dx += through.reshape(dx.shape)

    def _divisor(self, io: LayerIO) -> float:
        outer, _, inner = io.facts.blocks
        return divisor(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))
