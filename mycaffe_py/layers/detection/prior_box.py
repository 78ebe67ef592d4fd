"""PriorBox: boxes of given sizes and ratios at every place of a feature map."""

from __future__ import annotations

import math

from mycaffe_py.layers.base import LayerContext, LayerPlan, register
from mycaffe_py.layers.detection.prior_grid import (
    PARAM,
    Pair,
    PriorFacts,
    PriorGrid,
    planned,
    positive,
)
from mycaffe_py.proto.of_forks.upgrade_priors import DENSIFIED, ratios_of


@register
class PriorBox(PriorGrid):
    """Lays boxes of several sizes and shapes over each cell of a feature map.

    Formula:
        for each cell (rows first), for each min_size m: m x m; with max_size M also a square of
        side sqrt(m M); then for each ratio r but 1: m sqrt(r) wide and m / sqrt(r) high. Ratios:
        aspect_ratio as given, and with flip right after each its inverse; none is taken twice.
        The centre is (place + offset) * step; corners x1 y1 x2 y2 in parts of the image, with
        clip cut to 0 ... 1. No gradient.
    Shapes:
        the feature map (N, C, H, W) and the image (N, C, IH, IW), of which only the sizes count;
        y (1, 2, H W A 4), A boxes a cell: the corners in channel 0, in channel 1 their variances.
    Source:
        Liu et al.: SSD, 2016. As in the SSD fork of Caffe, which cuts min_size and max_size to
        whole pixels (20.7 is 20): nets were trained so. OpenCV does not, and takes clip for true
        where it is not given. Without step the cells cover the image. Zhang et al.: FaceBoxes,
        2017, has another PriorBox of the same text (densified): for 32 a cell has 16 boxes, 8
        pixels apart, for 64 it has 4, 16 apart, and squares are a pixel smaller. A text where a
        convolution makes as many numbers as these need is read so; OpenCV does not know it.
    Example:
        layer {
          name: "boxes" type: "PriorBox" bottom: "map" bottom: "data" top: "y"
          prior_box_param {
            min_size: 30 max_size: 60 aspect_ratio: 2 flip: true clip: false
            variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2
          }
        }
    """

    type = "PriorBox"
    example = ((1, 2, 2, 3), (1, 3, 60, 80))

    def plan(self, ctx: LayerContext) -> LayerPlan[PriorFacts]:
        """Find the sizes of the boxes of one cell."""
        smallest, largest = _sides(ctx)
        positive(ctx, "aspect_ratio")
        ratios = ratios_of(ctx.param.prior_box_param)
        dense = ctx.param.prior_box_param.densified
        sizes: list[Pair] = []
        moves: list[Pair] = []
        for place, least in enumerate(smallest):
            squares = _dense_moves(least) if dense else [(0.0, 0.0)]
            moves += squares
            sizes += [(least - dense, least - dense)] * len(squares)
            if largest:
                middle = math.sqrt(least * largest[place])
                sizes.append((middle, middle))
            sizes += [(least * math.sqrt(r), least / math.sqrt(r)) for r in ratios]
            moves += [(0.0, 0.0)] * (len(sizes) - len(moves))
        return planned(ctx, tuple(sizes), tuple(moves) if dense else ())


def _sides(ctx: LayerContext) -> tuple[list[int], list[int]]:
    """min_size and max_size in whole pixels."""
    smallest, largest = positive(ctx, "min_size"), positive(ctx, "max_size")
    if not smallest:
        raise ctx.error(
            "prior_box_param has no min_size",
            wanted="the side of a square in pixels, at least one",
            do="Add for instance prior_box_param { min_size: 30 }.",
        )
    if largest and len(largest) != len(smallest):
        raise ctx.error(
            f"{len(largest)} values of max_size",
            at=(PARAM, "max_size", 0),
            wanted=f"none, or one for each of the {len(smallest)} of min_size",
        )
    for place, (least, most) in enumerate(zip(smallest, largest, strict=False)):
        if not most > least:
            raise ctx.error(
                f"max_size {most:g}",
                at=(PARAM, "max_size", place),
                wanted=f"more than its min_size, {least:g}",
            )
    return [int(side) for side in smallest], [int(side) for side in largest]


def _dense_moves(side: int) -> list[Pair]:
    """From a cell's place to the centres of FaceBoxes' squares of this side, rows first."""
    row, apart = DENSIFIED.get(side, (1, 0))
    steps = [step * float(apart) for step in range(-(row // 2), row - row // 2)]
    return [(across, down) for down in steps for across in steps]
