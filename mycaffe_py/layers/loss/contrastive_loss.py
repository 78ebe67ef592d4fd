"""ContrastiveLoss: the loss of Siamese networks."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.losses.contrastive import contrastive_backward, contrastive_forward
from mycaffe_py.kernels.losses.contrastive_soft import (
    soft_contrastive_backward,
    soft_contrastive_forward,
)
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
from mycaffe_py.layers.labels import exact_labels, read_flags, read_labels, read_shares, same_labels
from mycaffe_py.layers.loss.contrastive_options import (
    FLAGS,
    LABELS,
    SHARES,
    ContrastiveFacts,
    contrastive_facts,
)
from mycaffe_py.proto.mycaffe_pb2 import ContrastiveLossParameter as Options


@register
class ContrastiveLoss(Layer[ContrastiveFacts]):
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
        soft_labels: a pair of similarity s, 0 to 1, costs s times what a similar pair does plus
        1 - s times what another does, and so for the gradient: s D + (1 - s) max(margin -
        sqrt(D), 0)^2.
        match = 1 where a similar pair has sqrt(D) <= margin, or another sqrt(D) > margin (linear
        forms: D), else 0: a pair on its side of the margin. With soft_labels one of s >= 0.5
        counts as similar.
    Shapes:
        a, b (N, ...) alike; labels: (N) or (N, 1) flags, 1 for similar and 0 for not, with
        soft_labels similarities from 0 to 1; or (N, 2...) whole numbers, similar when all are
        equal. A fourth bottom, optional: (N) labels of b, where the third has (N) labels of a, a
        pair being similar when both are equal; or centroids (L, D, 1, 1) of D features a label,
        which count with centroid_learning alone.
        loss (); second top, if any, match (N). Any other flag, and a label that is no whole number
        or too great for the net's precision (2^24), stops.
    Source:
        Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, 2006,
        equation 4 (there 0 means similar). Value and gradient as in Caffe on the CPU, the 1e-4
        included; options as in MyCaffe, but with the gradient of the very loss: MyCaffe leaves
        (a - b) out of the legacy gradient, treats MANHATTAN as Euclidean on the way back, forgets
        matching_distance_scale there, gives a the gradient of the centroid that stood in for it,
        and takes any flag that is not 0 for similar (Caffe casts it to a whole number first).
        Labels in two bottoms: happynear's fork of Caffe. loss_param.normalization changes
        nothing, as in MyCaffe: the divisor is 2N. A second top is filled whether or not
        output_matches is set.
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
    judges = "pairs"
    no_gradient = (2, 3)
    backward_reads = ("bottoms", "scratch")
    example = ((4, 3), (4, 3), (4,))

    def plan(self, ctx: LayerContext) -> LayerPlan[ContrastiveFacts]:
        """Scalar top, match (N); scratch for distances and, with centroids, for their rows."""
        facts = contrastive_facts(ctx)
        rows = ctx.shapes[0][0]
        scratch = {
            "similar": Scratch((rows,), None if facts.similarity == SHARES else np.bool_),
            "distance": Scratch((rows,)),
            "match": Scratch((rows,)),
            "scale": Scratch((1,)),
        }
        if facts.learning != Options.NONE:
            scratch["anchor"] = Scratch((rows, ctx.bottoms[0].count // rows))
            scratch["replaced"] = Scratch((rows,), np.bool_)
        tops = (BlobSpec(()), BlobSpec((rows,)))[: ctx.top_count]
        return LayerPlan(tops=tops, scratch=scratch, facts=facts)

    def compares(self, facts: ContrastiveFacts) -> int:
        """The two of each pair."""
        return 2

    def forward(self, io: LayerIO[ContrastiveFacts]) -> None:
        """Distances, then the sum of the pairs' terms over 2N."""
        facts = io.facts
        b = _rows(io.bottoms[1])
        similar = io.scratch["similar"]
        similar[...] = _similarity(io)
        io.scratch["scale"][0] = facts.scale
        a = self._place_centroids(io) if facts.learning != Options.NONE else _rows(io.bottoms[0])
        match = io.scratch["match"]
        forward = contrastive_forward
        if facts.similarity == SHARES:
            forward = soft_contrastive_forward
        total = forward(
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

    def _place_centroids(self, io: LayerIO[ContrastiveFacts]) -> Array:
        """The rows of a; centroids stand in for those that centroid learning picks."""
        anchor, replaced = io.scratch["anchor"], io.scratch["replaced"]
        similar = io.scratch["similar"]
        anchor[...] = _rows(io.bottoms[0])
        replaced[...] = False
        centroids = _rows(io.bottoms[3])
        if not centroids.any():
            # Decode's second top is all zeros until its centroids are complete.
            io.scratch["scale"][0] = 1
            return anchor
        rules: dict[int, Array] = {Options.MATCHING: similar, Options.NONMATCHING: ~similar}
        replaced[...] = rules.get(io.facts.learning, True)
        name = io.context.param.bottom[3]
        first = io.bottoms[2].reshape(len(anchor), -1)[:, 0]
        because = f"bottom '{name}' holds {len(centroids)} centroids"
        labels, _ = read_labels(
            io, first, len(centroids), (), because=because, bottom=2, exact=True
        )
        anchor[replaced] = centroids[labels[replaced]]
        return anchor

    def backward(self, io: LayerIO[ContrastiveFacts]) -> None:
        """Make da and its negative db; a row that a centroid stood in for gets no da."""
        facts = io.facts
        learning = facts.learning != Options.NONE
        a = io.scratch["anchor"] if learning else _rows(io.bottoms[0])
        q = float(io.dtops[0]) / len(a)
        backward = contrastive_backward
        if facts.similarity == SHARES:
            backward = soft_contrastive_backward
        for index, sign in ((0, 1.0), (1, -1.0)):
            gradient = io.dbottoms[index]
            if gradient is None:
                continue
            backward(
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


def _similarity(io: LayerIO[ContrastiveFacts]) -> Array:
    """(N,) which pairs are similar, or by how much."""
    kind = io.facts.similarity
    if kind == FLAGS:
        do = (
            "Pairs that differ have 0, not -1; soft_labels: true takes similarities from 0 to 1; "
            "class labels come two a row (output_all_labels: true) or in two bottoms."
        )
        return read_flags(io, 2, do=do)
    if kind == SHARES:
        return read_shares(io, 2)
    if kind == LABELS:
        return same_labels(io, 2)
    a, b = (exact_labels(io, io.bottoms[k].reshape(-1), bottom=k) for k in (2, 3))
    same: Array = a == b
    return same


def _rows(array: Array) -> Array:
    """(N, ...) as (N, D)."""
    return array.reshape(len(array), -1)
