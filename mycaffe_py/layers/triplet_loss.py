"""Floor 3. TripletLoss: a positive must be nearer to the anchor than a negative."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.contrastive import hinge_difference, triplet_forward
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
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options


@dataclass(frozen=True)
class TripletFacts:
    """The margin."""

    alpha: float


@register
class TripletLoss(Layer):
    """Asks that each positive be nearer to its anchor than the negative, by a margin.

    Formula:
        h = max(|a - p|^2 - |a - n|^2 + m, 0), m being margin, or alpha where that is not set;
        loss = sum h / (2N). Where h > 0, with q = w/N and w the loss weight: da = q (n - p),
        dp = q (p - a), dn = q (a - n); else 0.
    Shapes:
        a anchors, p positives, n negatives, all (N, ...) alike; labels (N, ...), optional and not
        looked at; loss ().
    Source:
        Schroff, Kalenichenko, Philbin: FaceNet, 2015, equation 3, halved. As MyCaffe's
        TripletLoss with batch triplets; pregen_label_start has no effect.
    Example:
        layer {
          name: "loss" type: "TripletLoss" bottom: "a" bottom: "p" bottom: "n" top: "loss"
          triplet_loss_param { alpha: 1.1 }
        }
    """

    type = "TripletLoss"
    spellings = ("Triplet_Loss",)
    bottom_count = Count(3, 4)
    is_loss = True
    no_gradient = (3,)
    backward_reads = ("bottoms", "scratch")
    example = ((4, 3), (4, 3), (4, 3))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Scalar top, the hinges in scratch."""
        shape = ctx.shapes[0]
        for index in (1, 2):
            if ctx.shapes[index] != shape or not shape:
                first, other = ctx.param.bottom[0], ctx.param.bottom[index]
                raise ctx.error(
                    f"bottom '{first}' is {shape}, bottom '{other}' is {ctx.shapes[index]}",
                    at=("bottom", index),
                    wanted="anchor, positive and negative are subtracted, so all need one shape",
                )
        options = ctx.param.triplet_loss_param
        _check_options(ctx)
        facts = TripletFacts(options.margin if options.HasField("margin") else options.alpha)
        scratch = {"hinge": Scratch(shape[:1])}
        return LayerPlan(tops=(BlobSpec(()),), scratch=scratch, facts=facts)

    def forward(self, io: LayerIO) -> None:
        """Sum of the hinges over 2N."""
        a, p, n = map(_rows, io.bottoms[:3])
        total = triplet_forward(a, p, n, io.facts.alpha, io.scratch["hinge"])
        io.tops[0][...] = total / (2 * len(a))

    def backward(self, io: LayerIO) -> None:
        """Differences in the rows whose hinge is open."""
        a, p, n = map(_rows, io.bottoms[:3])
        q = float(io.dtops[0]) / len(a)
        pairs = ((n, p), (p, a), (a, n))
        for (x, y), gradient in zip(pairs, io.dbottoms, strict=False):
            if gradient is not None:
                hinge_difference(x, y, io.scratch["hinge"], q, _rows(gradient))


def _check_options(ctx: LayerContext) -> None:
    options = ctx.param.triplet_loss_param
    if options.mining != Options.NONE:
        raise ctx.error(
            f"mining {Options.Mining.Name(options.mining)}",
            at=("triplet_loss_param", "mining"),
            wanted="this layer takes the triplets as its bottoms give them, NONE",
        )
    if not options.squared:
        raise ctx.error(
            "squared false",
            at=("triplet_loss_param", "squared"),
            wanted="this layer compares squared distances",
        )


def _rows(array: Array) -> Array:
    """(N, ...) as (N, D)."""
    return array.reshape(len(array), -1)
