"""PriorBoxClustered: boxes of given widths and heights at every place of a feature map."""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext, LayerPlan, register
from mycaffe_py.layers.detection.prior_grid import (
    PARAM,
    PriorFacts,
    PriorGrid,
    planned,
    positive,
)


@register
class PriorBoxClustered(PriorGrid):
    """Lays boxes over each cell of a feature map, their widths and heights given one by one.

    Formula:
        for each cell (rows first) a box for each width and its height, in pixels. The centre is
        (place + offset) * step; corners x1 y1 x2 y2 in parts of the image, with clip cut to
        0 ... 1. No gradient.
    Shapes:
        the feature map (N, C, H, W) and the image (N, C, IH, IW), of which only the sizes count;
        y (1, 2, H W A 4), A boxes a cell: the corners in channel 0, in channel 1 their variances.
    Source:
        As in Intel's Caffe (Open Model Zoo), where widths and heights come from clusters of
        labelled boxes. The options are those of PriorBox.
    Example:
        layer {
          name: "boxes" type: "PriorBoxClustered" bottom: "map" bottom: "data" top: "y"
          prior_box_param { width: 20.5 width: 40 height: 30 height: 10 step: 20 variance: 0.1 }
        }
    """

    type = "PriorBoxClustered"
    example = ((1, 2, 2, 3), (1, 3, 60, 80))

    def plan(self, ctx: LayerContext) -> LayerPlan[PriorFacts]:
        """A box for each width and height."""
        widths, heights = positive(ctx, "width"), positive(ctx, "height")
        if not widths or len(widths) != len(heights):
            raise ctx.error(
                f"{len(widths)} values of width and {len(heights)} of height",
                at=(PARAM,),
                wanted="as many of one as of the other, and at least one, in pixels",
            )
        return planned(ctx, tuple(zip(widths, heights, strict=True)))
