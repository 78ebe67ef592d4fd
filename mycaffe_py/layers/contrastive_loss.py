"""Floor 3. ContrastiveLoss: the loss of Siamese networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.contrastive import contrastive_backward, contrastive_forward
from mycaffe_py.layers.base import (
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
from mycaffe_py.layers.labels import as_flags, read_labels
from mycaffe_py.proto.mycaffe_pb2 import ContrastiveLossParameter as Options

FIELD = "contrastive_loss_param"


@dataclass(frozen=True)
class ContrastiveFacts:
    """Resolved options. `linear`: the margin is compared with D itself, not with its root."""

    margin: float
    scale: float
    manhattan: bool
    linear: bool
    learning: int


@register
class ContrastiveLoss(Layer):
    """Pulls the rows of a similar pair together, pushes others apart up to a margin.

    Formula:
        D = |a - b|^2; loss = 1/(2N) * sum of D for a similar pair, of max(margin - sqrt(D), 0)^2
        for another. With q = w/N, w the loss weight: da = q (a - b) for a similar pair,
        -q (margin - sqrt(D)) / (sqrt(D) + 1e-4) (a - b) for another inside the margin, else 0;
        db = -da.
        legacy_version: max(margin - D, 0) for other pairs, da = -q (a - b).
        distance_calculation MANHATTAN: D = sum |a - b|, other pairs max(margin - D, 0); da is
        q/2 sign(a - b), with a minus for other pairs.
        matching_distance_scale s: D of similar pairs, and so their gradient, times s.
        centroid_learning MATCHING, NONMATCHING or ALL: in these pairs the centroid of the first
        label stands in for a, once there are centroids; a then gets no gradient.
        match = 1 where a similar pair has sqrt(D) <= margin, or another sqrt(D) > margin (linear
        forms: D), else 0: a pair on its side of the margin.
    Shapes:
        a, b (N, ...) alike; labels (N) or (N, 1), a flag that is not 0 for similar, or (N, 2...)
        labels, similar when all are equal; centroids (L, ...) of D features a label, optional;
        loss (); second top, if any, match (N).
    Source:
        Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, 2006,
        equation 4 (there 0 means similar). Value and gradient as in Caffe on the CPU, the 1e-4
        included; options as in MyCaffe, but with the gradient of the very loss: MyCaffe leaves
        (a - b) out of the legacy gradient, treats MANHATTAN as Euclidean on the way back, forgets
        matching_distance_scale there, gives a the gradient of the centroid that stood in for it,
        and casts flags to whole numbers. loss_param.normalization changes nothing, as there:
        the divisor is 2N. A second top is filled whether or not output_matches is set.
    Example:
        layer {
          name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "sim" top: "loss"
          contrastive_loss_param { margin: 2 }
        }
    """

    type = "ContrastiveLoss"
    spellings = ("Contrastive_Loss",)
    bottom_count = Count(3, 4)
    top_count = Count(1, 2)
    is_loss = True
    no_gradient = (2, 3)
    backward_reads = ("bottoms", "scratch")
    example = ((4, 3), (4, 3), (4,))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Scalar top, match (N); scratch for distances and, with centroids, for their rows."""
        options = ctx.param.contrastive_loss_param
        self._check_pairs(ctx)
        if options.matching_distance_scale < 0:
            raise ctx.error(
                f"matching_distance_scale {options.matching_distance_scale:g}",
                at=(FIELD, "matching_distance_scale"),
                wanted="0 or more: a negative one would push similar pairs apart",
            )
        learning = options.centroid_learning
        if learning != Options.NONE:
            self._check_centroids(ctx)
        manhattan = options.distance_calculation == Options.MANHATTAN
        rows = ctx.shapes[0][0]
        scratch = {
            "similar": Scratch((rows,), np.bool_),
            "distance": Scratch((rows,)),
            "match": Scratch((rows,)),
            "scale": Scratch((1,)),
        }
        if learning != Options.NONE:
            scratch["anchor"] = Scratch((rows, ctx.bottoms[0].count // rows))
            scratch["replaced"] = Scratch((rows,), np.bool_)
        facts = ContrastiveFacts(
            margin=options.margin,
            scale=options.matching_distance_scale,
            manhattan=manhattan,
            linear=manhattan or options.legacy_version,
            learning=learning,
        )
        tops = (BlobSpec(()), BlobSpec((rows,)))[: ctx.top_count]
        return LayerPlan(tops=tops, scratch=scratch, facts=facts)

    def _check_pairs(self, ctx: LayerContext) -> None:
        names = ctx.param.bottom
        a, b, labels = ctx.shapes[:3]
        if a != b:
            raise ctx.error(
                f"bottom '{names[0]}' is {a}, bottom '{names[1]}' is {b}",
                at=("bottom", 1),
                wanted="the two rows of a pair are subtracted, so both need one shape",
                do="Give both branches the same num_output.",
            )
        if not a or not labels or labels[0] != a[0]:
            raise ctx.error(
                f"bottom '{names[2]}' is {labels}",
                at=("bottom", 2),
                wanted=f"bottom '{names[0]}' is {a}, and each of its rows needs a flag or labels",
            )

    def _check_centroids(self, ctx: LayerContext) -> None:
        at = (FIELD, "centroid_learning")
        if len(ctx.bottoms) < 4:
            raise ctx.error(
                "centroid_learning without centroids",
                at=at,
                wanted="they come as a fourth bottom",
                do="Name the second top of a Decode layer as the fourth bottom.",
            )
        rows = ctx.shapes[0][0]
        features = ctx.bottoms[0].count // rows
        labels, centroids = ctx.bottoms[2:4]
        if labels.count != 2 * rows:
            raise ctx.error(
                f"centroid_learning with bottom '{ctx.param.bottom[2]}' of {labels.shape}",
                at=at,
                wanted=f"two labels a row, ({rows}, 2): the first one chooses the centroid",
            )
        if not centroids.shape or centroids.count != centroids.shape[0] * features:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[3]}' is {centroids.shape}",
                at=("bottom", 3),
                wanted=f"centroids (L, {features}), as each row of bottom "
                f"'{ctx.param.bottom[0]}' has {features} features",
            )

    def forward(self, io: LayerIO) -> None:
        """Distances, then the sum of the pairs' terms over 2N."""
        facts: ContrastiveFacts = io.facts
        b = _rows(io.bottoms[1])
        similar = io.scratch["similar"]
        similar[...] = as_flags(io.bottoms[2])
        io.scratch["scale"][0] = facts.scale
        a = self._place_centroids(io) if facts.learning != Options.NONE else _rows(io.bottoms[0])
        match = io.scratch["match"]
        total = contrastive_forward(
            a,
            b,
            similar,
            facts.margin,
            float(io.scratch["scale"][0]),
            facts.manhattan,
            facts.linear,
            io.scratch["distance"],
            match,
        )
        io.tops[0][...] = total / (2 * len(b))
        if len(io.tops) > 1:
            io.tops[1][...] = match

    def _place_centroids(self, io: LayerIO) -> Array:
        """Rows of a, those that centroid learning picks replaced by their label's centroid."""
        anchor, replaced = io.scratch["anchor"], io.scratch["replaced"]
        similar = io.scratch["similar"]
        anchor[...] = _rows(io.bottoms[0])
        replaced[...] = False
        centroids = _rows(io.bottoms[3])
        if not centroids.any():
            # Decode's second top is all zeros until its centroids are complete.
            io.scratch["scale"][0] = 1
            return anchor
        rules = {Options.MATCHING: similar, Options.NONMATCHING: ~similar}
        replaced[...] = rules.get(io.facts.learning, True)
        name = io.context.param.bottom[3]
        first = io.bottoms[2].reshape(len(anchor), -1)[:, 0]
        because = f"bottom '{name}' holds {len(centroids)} centroids"
        labels, _ = read_labels(io, first, len(centroids), (), because=because, bottom=2)
        anchor[replaced] = centroids[labels[replaced]]
        return anchor

    def backward(self, io: LayerIO) -> None:
        """da from the kernel, db its negative; none for an a that a centroid stood in for."""
        facts: ContrastiveFacts = io.facts
        learning = facts.learning != Options.NONE
        a = io.scratch["anchor"] if learning else _rows(io.bottoms[0])
        q = float(io.dtops[0]) / len(a)
        for index, sign in ((0, 1.0), (1, -1.0)):
            gradient = io.dbottoms[index]
            if gradient is None:
                continue
            contrastive_backward(
                a,
                _rows(io.bottoms[1]),
                io.scratch["similar"],
                io.scratch["distance"],
                facts.margin,
                float(io.scratch["scale"][0]),
                facts.manhattan,
                facts.linear,
                sign * q,
                _rows(gradient),
            )
        da = io.dbottoms[0]
        if learning and da is not None:
            _rows(da)[io.scratch["replaced"]] = 0


def _rows(array: Array) -> Array:
    """(N, ...) as (N, D)."""
    return array.reshape(len(array), -1)
