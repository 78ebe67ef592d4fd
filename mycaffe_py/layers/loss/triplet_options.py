"""What triplet_loss_param asks for, checked against the bottoms."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.layers.base import LayerContext
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options

FIELD = "triplet_loss_param"


@dataclass(frozen=True)
class Cost:
    """What a triplet costs. `top`: the largest distance of two encodings of values 0-1."""

    lossless: bool
    margin: float
    top: float
    beta: float
    epsilon: float


def check_triplets(ctx: LayerContext) -> int:
    """Number of rows N. Errors: anchors, positives and negatives that do not fit each other."""
    if len(ctx.bottoms) < 3:
        raise ctx.error(
            f"{len(ctx.bottoms)} bottoms",
            at=("bottom", 0),
            wanted="mining NONE takes anchors, positives and negatives",
            do=f"For features and labels: {FIELD} {{ mining: BATCH_HARD }}.",
        )
    shape = ctx.shapes[0]
    for index in (1, 2):
        if ctx.shapes[index] != shape or not shape:
            first, other = ctx.param.bottom[0], ctx.param.bottom[index]
            raise ctx.error(
                f"bottom '{first}' is {shape}, bottom '{other}' is {ctx.shapes[index]}",
                at=("bottom", index),
                wanted="anchor, positive and negative are subtracted, so all need one shape",
            )
    return shape[0]


def check_batch(ctx: LayerContext) -> int:
    """Number of rows N. Errors: bottoms that are no batch with labels."""
    mining = Options.Mining.Name(ctx.param.triplet_loss_param.mining)
    if len(ctx.bottoms) != 2:
        raise ctx.error(
            f"{len(ctx.bottoms)} bottoms",
            at=("bottom", 0),
            wanted=f"mining {mining} takes two: features and labels",
        )
    features, labels = ctx.shapes
    if not features or not labels or features[0] != labels[0] or 0 in labels:
        first, second = ctx.param.bottom
        raise ctx.error(
            f"bottom '{first}' is {features}, bottom '{second}' is {labels}",
            at=("bottom", 1),
            wanted=f"mining {mining} needs a label for each row of features",
        )
    return features[0]


def cost_of(ctx: LayerContext) -> Cost:
    """The options of a triplet's cost, checked."""
    options = ctx.param.triplet_loss_param
    features = math.prod(ctx.shapes[0][1:])
    top = float(features) if options.squared else math.sqrt(features)
    beta = options.beta if options.HasField("beta") else top
    lossless = options.variant == Options.LOSSLESS
    if lossless and not (options.epsilon > 0 and math.isfinite(options.epsilon)):
        raise ctx.error(
            f"epsilon {options.epsilon:g}", at=(FIELD, "epsilon"), wanted="a number above 0"
        )
    if lossless and not (beta >= top and math.isfinite(beta)):
        raise ctx.error(
            f"beta {beta:g}",
            at=(FIELD, "beta"),
            wanted=f"{top:g} or more, the largest distance of encodings of {features} values 0-1: "
            "a smaller one takes logarithms of negative numbers",
        )
    margin = options.margin if options.HasField("margin") else options.alpha
    return Cost(lossless, margin, top, beta, options.epsilon)
