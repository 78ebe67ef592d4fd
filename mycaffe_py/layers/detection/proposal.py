"""Proposal: regions of an image that may hold an object."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.detection.proposals import propose
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
from mycaffe_py.layers.detection.proposal_options import ProposalFacts, resolved
from mycaffe_py.notices import notice
from mycaffe_py.told_once import first_time

# Height and width of the image, and the factor it was resized by.
_LEAST_INFO = 3


@register
class Proposal(Layer[ProposalFacts]):
    """Moves anchors as a net says and hands on the best regions that differ.

    Formula:
        anchors: for each ratio r, w = round(sqrt(base_size^2 / r)), h = round(w r), for each scale
        s a box of s w x s h around the middle of base_size, at each cell feat_stride apart. A
        region: centre + d (w, h), size exp(d) (w, h), cut to the image; dropped where a side is
        below min_size * the image's scale. Of the pre_nms_topn best by score (0: all) one is
        dropped that overlaps a better one by more than nms_thresh; the first post_nms_topn stay.
        No gradient.
    Shapes:
        scores (N, 2 A, H, W), A for the background, then A for objects; moves d (N, 4 A, H, W);
        im_info (N, 3): height, width and scale of the image; with 4 or more numbers, the scales of
        height and width. y (R, 5), rows (item, x1, y1, x2, y2) in pixels, the best first; a second
        top: their scores (R, 1). R is found anew in each batch, and may be 0.
    Source:
        Ren, He, Girshick, Sun: Faster R-CNN, 2015. As in PVANet's Caffe. OpenCV ignores min_size
        and fills up with rows of zeros. A layer of type Python with ProposalLayer of module
        rpn.proposal_layer is run by this one, nothing is imported: 12000 regions go in and 2000
        come out in TRAIN, 6000 and 300 in TEST, as py-faster-rcnn has it.
    Example:
        layer {
          name: "proposal" type: "Proposal" bottom: "scores" bottom: "moves" bottom: "im_info"
          top: "rois"
          proposal_param { base_size: 8 feat_stride: 8 min_size: 4 ratio: 1 scale: 1 scale: 2 }
        }
    """

    type = "Proposal"
    bottom_count = Count(3, 3)
    top_count = Count(1, 2)
    has_backward = False
    example = ((1, 4, 2, 3), (1, 8, 2, 3), (1, 3))

    def plan(self, ctx: LayerContext) -> LayerPlan[ProposalFacts]:
        """The tops start with one row; forward knows how many there are."""
        facts = resolved(ctx)
        _tell(ctx)
        _check_bottoms(ctx, len(facts.anchors))
        _, _, height, width = ctx.shapes[0]
        places = len(facts.anchors) * height * width
        most = min(places, facts.most[1])
        scratch = {
            "corners": Scratch((4, places)),
            "values": Scratch((places,)),
            "boxes": Scratch((6, places)),
            "kept": Scratch((places,), np.int64),
            "rows": Scratch((most, 4)),
            "scores": Scratch((most,)),
        }
        tops = (BlobSpec((1, 5)), BlobSpec((1, 1)))[: ctx.top_count]
        return LayerPlan(
            tops=tops, scratch=scratch, facts=facts, varying=tuple(range(ctx.top_count))
        )

    def forward(self, io: LayerIO[ProposalFacts]) -> None:
        """Item by item; then the tops get as many rows as there are."""
        found = [_of_item(io, item) for item in range(len(io.bottoms[0]))]
        count = sum(len(table) for table in found)
        rows = io.resize(0, (count, 5))
        table = np.concatenate([np.zeros((0, 6), rows.dtype), *found])
        rows[...] = table[:, :5]
        if len(io.tops) > 1:
            io.resize(1, (count, 1))[...] = table[:, 5:]


def _of_item(io: LayerIO[ProposalFacts], item: int) -> Array:
    """Rows (item, x1, y1, x2, y2, score) of one item."""
    facts, scratch = io.facts, io.scratch
    scores, moves = io.bottoms[0][item], io.bottoms[1][item]
    count, dtype = len(facts.anchors), scores.dtype
    info = io.bottoms[2].reshape(len(io.bottoms[0]), -1)[item]
    # One factor for both, or one for each: height, then width.
    factors = info[[2, 3]] if len(info) > _LEAST_INFO else info[[2, 2]]
    found = propose(
        scores[count:], moves.reshape(count, 4, *moves.shape[1:]),
        np.array(facts.anchors, dtype), facts.stride, info[:2], facts.least * factors,
        facts.most[0] or scratch["values"].size, facts.overlap,
        scratch["corners"], scratch["values"], scratch["boxes"], scratch["kept"],
        scratch["rows"], scratch["scores"],
    )  # fmt: skip
    table = np.empty((found, 6), dtype)
    table[:, 0] = item
    table[:, 1:5] = scratch["rows"][:found]
    table[:, 5] = scratch["scores"][:found]
    return table


def _tell(ctx: LayerContext) -> None:
    """Say once that the code which the text names does not run."""
    module, name = ctx.param.python_param.module, ctx.param.name
    if module and first_time((Proposal, ctx.where.file, name)):
        notice(
            f"layer '{name}': the built-in Proposal runs instead of ProposalLayer of module "
            f"{module}, which is not imported"
        )


def _check_bottoms(ctx: LayerContext, anchors: int) -> None:
    scores, moves, info = ctx.shapes
    if len(scores) != 4 or scores[1] != 2 * anchors:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {scores}",
            at=("bottom", 0),
            wanted=f"(N, {2 * anchors}, H, W): two scores for each of the {anchors} anchors, a "
            "ratio and a scale each",
        )
    wanted = (scores[0], 4 * anchors, *scores[2:])
    if moves != wanted:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {moves}",
            at=("bottom", 1),
            wanted=f"{wanted}: four numbers for each of the {anchors} anchors",
        )
    numbers = ctx.bottoms[2].count
    items = max(1, scores[0])
    if numbers % items or numbers // items < _LEAST_INFO:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[2]}' is {info}",
            at=("bottom", 2),
            wanted=f"({scores[0]}, {_LEAST_INFO}): height, width and scale of each image",
        )
