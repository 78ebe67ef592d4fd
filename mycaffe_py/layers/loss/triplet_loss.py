"""TripletLoss: a positive must be nearer to the anchor than a negative."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from mycaffe_py.kernels.losses.triplet import anchor_gradient, partner_gradient, triplet_rows
from mycaffe_py.kernels.losses.triplet_mining import (
    all_distances,
    batch_all,
    batch_hard,
    batch_semihard,
    mined_gradient,
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
from mycaffe_py.layers.labels import exact_labels, first_labels
from mycaffe_py.layers.loss.triplet_options import Cost, check_batch, check_triplets, cost_of
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options

_SEARCHES: dict[int, Any] = {
    Options.BATCH_ALL: batch_all,
    Options.BATCH_HARD: batch_hard,
    Options.BATCH_SEMIHARD: batch_semihard,
}


@dataclass(frozen=True)
class TripletFacts:
    """Resolved options; `rows_weigh`: what the sum of a batch of triplets is divided by, per row.

    Rows with a label in `ignored` are in no mined triplet.
    """

    cost: Cost
    squared: bool
    mining: int
    rows_weigh: int
    ignored: tuple[int, ...]


@register
class TripletLoss(Layer[TripletFacts]):
    """Asks that positives be nearer to their anchor than negatives are.

    Formula:
        d = |x - y|^2, or |x - y| with squared false. A triplet with d+ = d(a, p), d- = d(a, n)
        costs h = max(d+ - d- + m, 0), m being margin, or alpha where that is not set; with variant
        LOSSLESS -ln(1 - d+/beta + epsilon) - ln(1 - (T - d-)/beta + epsilon), for encodings in
        [0, 1]^D: T = D (squared false: its root) is their largest distance, beta is T if not set.
        mining NONE: the rows are the triplets; loss = sum h / (2N) (LOSSLESS: / N). Where h > 0,
        with q = w/N and w the loss weight: da = q (n - p), dp = q (p - a), dn = q (a - n); else 0.
        In general da = w/Z (s+ grad d+ + s- grad d-), s the slopes of the cost, Z the divisor,
        grad d = 2 (x - y), or (x - y) / d and 0 where d is 0.
        mining BATCH_ALL: every anchor with every positive (another row of its label) and every
        negative (a row of another label); loss = sum / number of triplets that cost something.
        BATCH_HARD: each anchor with its farthest positive and its nearest negative; loss = mean
        over the anchors that have both. BATCH_SEMIHARD: each anchor and each of its positives
        with the nearest negative that has d- > d+, or with the farthest where none has; loss =
        mean over these pairs. Of equal distances the first row counts. No triplet: loss 0.
    Shapes:
        mining NONE: a, p, n (N, ...) alike; labels (N, ...), optional and not looked at.
        Mining: features (N, ...), labels (N) or (N, K...), of which the first counts: a whole
        number, small enough (2^24) for the net's precision, else it stops. loss ().
    Source:
        Schroff, Kalenichenko, Philbin: FaceNet, 2015, equation 3, halved, and section 3.2.
        Hermans, Beyer, Leibe: In Defense of the Triplet Loss, 2017, section 2 (batch all, batch
        hard). LOSSLESS: Arsenault: Lossless Triplet Loss, 2018. mining NONE with squared distances
        is MyCaffe's TripletLoss, which divides by 2N whatever loss_param.normalization says; so
        here.
        Triplets are mined within a shard of a batch; the divisor is that of all shards.
        loss_param.ignore_label leaves rows out of mining. pregen_label_start has no effect.
    Example:
        layer {
          name: "loss" type: "TripletLoss" bottom: "a" bottom: "p" bottom: "n" top: "loss"
          triplet_loss_param { alpha: 1.1 }
        }
    """

    type = "TripletLoss"
    spellings = ("Triplet_Loss",)
    bottom_count = Count(2, 4)
    is_loss = True
    judges = "pairs"
    no_gradient = (3,)
    backward_reads = ("bottoms", "scratch")
    example = ((4, 3), (4, 3), (4, 3))

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """All but the labels, which are the second of two bottoms or the fourth."""
        return bottom < count - 1 if count == 2 else bottom < 3

    def plan(self, ctx: LayerContext) -> LayerPlan[TripletFacts]:
        """Scalar top; the slopes of the costs in scratch."""
        mining = ctx.param.triplet_loss_param.mining
        rows = check_triplets(ctx) if mining == Options.NONE else check_batch(ctx)
        cost = cost_of(ctx)
        loss = ctx.param.loss_param
        facts = TripletFacts(
            cost=cost,
            squared=ctx.param.triplet_loss_param.squared,
            mining=mining,
            rows_weigh=1 if cost.lossless else 2,
            ignored=(loss.ignore_label,) if loss.HasField("ignore_label") else (),
        )
        if mining == Options.NONE:
            pulls = Scratch((rows,), np.float64)
            scratch = {"near": pulls, "far": pulls}
        else:
            pairs = Scratch((rows, rows), np.float64)
            scratch = {"distance": pairs, "slopes": pairs, "divisor": Scratch((1,), np.float64)}
        return LayerPlan(tops=(BlobSpec(()),), scratch=scratch, facts=facts)

    def compares(self, facts: TripletFacts) -> int:
        """Anchors, positives and negatives; with mining they are rows of one bottom."""
        return 3 if facts.mining == Options.NONE else 0

    def forward(self, io: LayerIO[TripletFacts]) -> None:
        """The mean cost, and its slopes in the distances."""
        facts = io.facts
        x = _rows(io.bottoms[0])
        if facts.mining == Options.NONE:
            p, n = map(_rows, io.bottoms[1:3])
            near, far = io.scratch["near"], io.scratch["far"]
            total = triplet_rows(x, p, n, facts.squared, *astuple(facts.cost), near, far)
            divisor = facts.rows_weigh * len(x)
        else:
            total, triplets = self._mine(io, x)
            io.scratch["divisor"][0] = triplets
            divisor = max(1, triplets)
        if facts.cost.lossless and math.isinf(total):
            raise _outside(io)
        io.tops[0][...] = total / divisor

    def mean_of(self, io: LayerIO[TripletFacts]) -> float:
        """Rows of triplets, or the triplets that were mined."""
        if io.facts.mining == Options.NONE:
            return len(io.bottoms[0])
        return float(io.scratch["divisor"][0])

    def _mine(self, io: LayerIO[TripletFacts], x: Array) -> tuple[float, int]:
        """Search the batch; return the sum of the costs and the number of triplets."""
        facts = io.facts
        labels = exact_labels(io, first_labels(io.bottoms[1]))
        counted = ~np.isin(labels, facts.ignored)
        distance, slopes = io.scratch["distance"], io.scratch["slopes"]
        all_distances(x, facts.squared, distance)
        slopes.fill(0)
        search = _SEARCHES[facts.mining]
        total, triplets = search(distance, labels, counted, *astuple(facts.cost), slopes)
        return float(total), int(triplets)

    def backward(self, io: LayerIO[TripletFacts]) -> None:
        """Pull each row along the differences to its partners."""
        facts = io.facts
        x = _rows(io.bottoms[0])
        if facts.mining != Options.NONE:
            dx = io.dbottoms[0]
            if dx is not None:
                distance, slopes = io.scratch["distance"], io.scratch["slopes"]
                factor = float(io.dtops[0]) / max(1.0, float(io.scratch["divisor"][0]))
                mined_gradient(x, distance, slopes, facts.squared, factor, _rows(dx))
            return
        p, n = map(_rows, io.bottoms[1:3])
        near, far = io.scratch["near"], io.scratch["far"]
        factor = float(io.dtops[0]) / (facts.rows_weigh * len(x))
        da, dp, dn = io.dbottoms[:3]
        if da is not None:
            anchor_gradient(x, p, n, near, far, factor, _rows(da))
        if dp is not None:
            partner_gradient(x, p, near, factor, _rows(dp))
        if dn is not None:
            partner_gradient(x, n, far, factor, _rows(dn))


def _outside(io: LayerIO[TripletFacts]) -> Exception:
    """The error for encodings that the lossless form has no value for."""
    count = 1 if io.facts.mining != Options.NONE else 3
    least = min(float(x.min()) for x in io.bottoms[:count])
    most = max(float(x.max()) for x in io.bottoms[:count])
    return io.context.error(
        f"encodings from {least:g} to {most:g}",
        at=("bottom", 0),
        wanted="variant LOSSLESS takes logarithms that exist for encodings of values from 0 to 1",
        do="Put a Sigmoid layer before the loss.",
    )


def _rows(array: Array) -> Array:
    """(N, ...) as (N, D)."""
    return array.reshape(len(array), -1)
