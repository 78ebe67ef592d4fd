"""What contrastive_loss_param asks for, checked against the bottoms."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.layers.base import BlobSpec, LayerContext
from mycaffe_py.proto.mycaffe_pb2 import ContrastiveLossParameter as Options

FIELD = "contrastive_loss_param"

# What tells whether a pair is similar: a flag, a similarity from 0 to 1, labels that lie side by
# side in one bottom, or one label in each of two bottoms.
FLAGS, SHARES, LABELS, TWO_BOTTOMS = range(4)

# A fourth bottom of so many axes may be centroids, (L, D, 1, 1) as Decode makes them.
_CENTROID_AXES = 4


@dataclass(frozen=True)
class ContrastiveFacts:
    """Resolved options. `linear`: the margin is compared with D itself, not with its root."""

    margin: float
    scale: float
    manhattan: bool
    linear: bool
    learning: int
    similarity: int


def contrastive_facts(ctx: LayerContext) -> ContrastiveFacts:
    """The options. Errors: bottoms that do not fit each other or what is asked for."""
    options = ctx.param.contrastive_loss_param
    _check_pairs(ctx)
    if options.matching_distance_scale < 0:
        raise ctx.error(
            f"matching_distance_scale {options.matching_distance_scale:g}",
            at=(FIELD, "matching_distance_scale"),
            wanted="0 or more: a negative one would push similar pairs apart",
        )
    if options.centroid_learning != Options.NONE:
        _check_centroids(ctx)
    manhattan = options.distance_calculation == Options.MANHATTAN
    return ContrastiveFacts(
        margin=options.margin,
        scale=options.matching_distance_scale,
        manhattan=manhattan,
        linear=manhattan or options.legacy_version,
        learning=options.centroid_learning,
        similarity=_similarity(ctx),
    )


def _check_pairs(ctx: LayerContext) -> None:
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


def _similarity(ctx: LayerContext) -> int:
    """Which of the four kinds the bottoms are."""
    rows = ctx.shapes[0][0]
    one_a_row = ctx.bottoms[2].count == rows
    second_labels = len(ctx.bottoms) > 3 and _check_fourth(ctx, one_a_row)
    if ctx.param.contrastive_loss_param.soft_labels:
        if second_labels or not one_a_row:
            labels = "two bottoms of labels" if second_labels else f"labels {ctx.shapes[2]}"
            raise ctx.error(
                f"soft_labels with {labels}",
                at=(FIELD, "soft_labels"),
                wanted=f"a similarity from 0 to 1 for each pair, ({rows},)",
                do="Delete soft_labels: labels are equal or not.",
            )
        return SHARES
    if second_labels:
        return TWO_BOTTOMS
    return FLAGS if one_a_row else LABELS


def _check_fourth(ctx: LayerContext, one_a_row: bool) -> bool:
    """True where the fourth bottom holds the labels of b, False for centroids; else it stops."""
    if ctx.param.contrastive_loss_param.centroid_learning != Options.NONE:
        return False
    labels, fourth = ctx.bottoms[2:4]
    rows = ctx.shapes[0][0]
    features = ctx.bottoms[0].count // rows if rows else 0
    if one_a_row and _holds_labels(fourth, labels, rows, features):
        return True
    axes = len(fourth.shape)
    if axes and fourth.count == fourth.shape[0] * features and fourth.shape != labels.shape:
        return False
    names = ctx.param.bottom
    raise ctx.error(
        f"bottom '{names[3]}' is {fourth.shape}",
        at=("bottom", 3),
        wanted=f"the labels of bottom '{names[1]}', ({rows},), where bottom '{names[2]}' holds "
        f"those of bottom '{names[0]}'; or the centroids of a Decode layer, (L, {features}, 1, 1)",
    )


def _holds_labels(fourth: BlobSpec, labels: BlobSpec, rows: int, features: int) -> bool:
    if fourth.shape == labels.shape:
        return True
    centroids = len(fourth.shape) == _CENTROID_AXES and features == 1
    return fourth.shape[:1] == (rows,) and fourth.count == rows and not centroids


def _check_centroids(ctx: LayerContext) -> None:
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
