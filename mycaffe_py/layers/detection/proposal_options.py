"""What Proposal is told: its anchors, how many regions, and whose defaults hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mycaffe_py.layers.base import LayerContext
from mycaffe_py.proto.mycaffe_pb2 import TRAIN

_PARAM = "proposal_param"
# Regions before and after suppression in TRAIN, where py-faster-rcnn's own layer is meant.
_IN_TRAIN = (12000, 2000)

Anchor = tuple[float, float, float, float]


@dataclass(frozen=True)
class ProposalFacts:
    """The anchors of one cell, x1 y1 x2 y2 in pixels; the distance of cells, and the least side.

    `most` are how many regions go into the suppression and how many are left.
    """

    anchors: tuple[Anchor, ...]
    stride: int
    least: int
    most: tuple[int, int]
    overlap: float


def resolved(ctx: LayerContext) -> ProposalFacts:
    """The facts of a layer, or the error of its text."""
    options = ctx.param.proposal_param
    for name in ("feat_stride", "base_size", "post_nms_topn"):
        if not getattr(options, name):
            raise ctx.error(f"{name} 0", at=(_PARAM, name), wanted="1 or more")
    for name in ("ratio", "scale"):
        values = getattr(options, name)
        for place, value in enumerate(values):
            if not (value > 0 and math.isfinite(value)):
                raise ctx.error(f"{name} {value:g}", at=(_PARAM, name, place), wanted="more than 0")
        if not values:
            raise ctx.error(
                f"proposal_param has no {name}",
                wanted="the anchors' heights by their widths in ratio, their sizes in scale",
                do="Add for instance: ratio: 0.5 ratio: 1 ratio: 2 scale: 8 scale: 16 scale: 32",
            )
    if not 0 <= options.nms_thresh <= 1:
        raise ctx.error(
            f"nms_thresh {options.nms_thresh:g}", at=(_PARAM, "nms_thresh"), wanted="0 to 1"
        )
    from_python = bool(ctx.param.python_param.module)
    most = [options.pre_nms_topn, options.post_nms_topn]
    for index, name in enumerate(("pre_nms_topn", "post_nms_topn")):
        if from_python and ctx.phase == TRAIN and not options.HasField(name):
            most[index] = _IN_TRAIN[index]
    return ProposalFacts(
        # numpy, which that layer asks, rounds halves to even numbers.
        _anchors(ctx, round if from_python else _half_up),
        options.feat_stride,
        options.min_size,
        (most[0], most[1]),
        options.nms_thresh,
    )


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def _anchors(ctx: LayerContext, whole: Callable[[float], int]) -> tuple[Anchor, ...]:
    """Boxes around the middle of a square of base_size, ratios outside, scales inside."""
    options = ctx.param.proposal_param
    base = options.base_size
    middle = (base - 1) / 2
    found = []
    for ratio in options.ratio:
        width = whole(math.sqrt(base * base / ratio))
        height = whole(width * ratio)
        for scale in options.scale:
            half_width, half_height = (width * scale - 1) / 2, (height * scale - 1) / 2
            corners = (middle - half_width, middle - half_height)
            found.append((*corners, middle + half_width, middle + half_height))
    return tuple(found)
