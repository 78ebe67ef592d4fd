"""What losses on the probabilities of a softmax share: labels, normalization, a second top."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from mycaffe_py.kernels.losses.softmax import softmax_backward, softmax_forward
from mycaffe_py.layers.activation.softmax import blocks_around
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
)
from mycaffe_py.layers.labels import Flags, Labels, read_labels
from mycaffe_py.layers.loss.loss_normalization import counted_in, divisor, normalization_mode


@dataclass(frozen=True)
class ScoreFacts:
    """Scores as (outer, C, inner); what the loss is divided by; labels that do not count.

    `because` says in a message about a label how many classes there are.
    """

    blocks: tuple[int, int, int]
    mode: int
    ignored: tuple[int, ...]
    because: str


Scores = TypeVar("Scores", bound=ScoreFacts)


def score_facts(ctx: LayerContext, axis: int) -> ScoreFacts:
    """Those of the first bottom with its classes on `axis`. Errors: not a label for each place."""
    scores, labels = ctx.bottoms[:2]
    blocks = blocks_around(scores.shape, axis)
    if labels.count != blocks[0] * blocks[2]:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
            at=("bottom", 1),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {scores.shape} with the classes on "
            f"axis {axis}, which needs {blocks[0] * blocks[2]} labels",
        )
    loss = ctx.param.loss_param
    return ScoreFacts(
        blocks=blocks,
        mode=normalization_mode(ctx),
        ignored=(loss.ignore_label,) if loss.HasField("ignore_label") else (),
        because=f"bottom '{ctx.param.bottom[0]}' has {blocks[1]} scores on axis {axis}",
    )


class SoftmaxLoss(Layer[Scores]):
    """A loss of p = softmax(x) and of labels; tops are its value and, if asked for, p."""

    top_count = Count(1, 2)
    is_loss = True
    takes_logarithm = True
    judges = "class"

    @abstractmethod
    def loss(self, io: LayerIO[Scores], p: Array, labels: Labels, counted: Flags) -> float:
        """The sum over the places that are `counted`: (outer, inner), p (outer, C, inner)."""

    @abstractmethod
    def set_gradient(
        self,
        io: LayerIO[Scores],
        p: Array,
        labels: Labels,
        counted: Flags,
        factor: float,
        dx: Array,
    ) -> None:
        """Set `dx` (outer, C, inner) to `factor` times the gradient of the sum."""

    def planned(self, ctx: LayerContext, facts: Scores) -> LayerPlan[Scores]:
        """Scalar top, and the probabilities in scratch."""
        scores = ctx.bottoms[0].shape
        places = (facts.blocks[0], facts.blocks[2])
        return LayerPlan(
            tops=(BlobSpec(()), BlobSpec(scores))[: ctx.top_count],
            scratch={
                "probabilities": Scratch(scores),
                "labels": Scratch(places, np.int64),
                "counted": Scratch(places, np.bool_),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[Scores]) -> None:
        """Probabilities, then the loss."""
        facts = io.facts
        p = io.scratch["probabilities"].reshape(facts.blocks)
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        given = io.bottoms[1].reshape(labels.shape)
        labels[...], counted[...] = read_labels(
            io, given, facts.blocks[1], facts.ignored, because=facts.because
        )
        softmax_forward(io.bottoms[0].reshape(facts.blocks), p)
        io.tops[0][...] = self.loss(io, p, labels, counted) / self._divisor(io)
        if len(io.tops) > 1:
            io.tops[1][...] = io.scratch["probabilities"]

    def backward(self, io: LayerIO[Scores]) -> None:
        """The gradient of the loss, plus what comes through the second top."""
        if io.dbottoms[0] is None:
            return
        facts = io.facts
        p, dx = (a.reshape(facts.blocks) for a in (io.scratch["probabilities"], io.dbottoms[0]))
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        self.set_gradient(io, p, labels, counted, float(io.dtops[0]) / self._divisor(io), dx)
        if len(io.dtops) > 1 and io.dtops[1].any():
            through = np.empty_like(p)
            softmax_backward(p, io.dtops[1].reshape(facts.blocks), through)
            dx += through

    def mean_of(self, io: LayerIO[Scores]) -> float | None:
        """What loss_param.normalization says."""
        outer, _, inner = io.facts.blocks
        return counted_in(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))

    def _divisor(self, io: LayerIO[Scores]) -> float:
        outer, _, inner = io.facts.blocks
        return divisor(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))
