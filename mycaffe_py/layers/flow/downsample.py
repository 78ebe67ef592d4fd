"""Downsample: maps made smaller, their corners kept."""

from __future__ import annotations

from mycaffe_py.layers.base import BlobSpec, LayerContext, LayerPlan, register
from mycaffe_py.layers.flow.axis_weights import shrunk
from mycaffe_py.layers.flow.resample import ResampleFacts, WeightedPixels, check_maps


@register
class Downsample(WeightedPixels):
    """Makes maps smaller: each pixel is a mean of those around its place.

    Formula:
        row i of y lies at row i r of x, r = (H - 1) / (h - 1), columns alike; weights
        max(0, 1 - d / r), d the distance along an axis, divided by their sum over the pixels
        inside. dx gets dy by the same weights.
    Shapes:
        x (N, C, H, W), perhaps a second bottom whose rows and columns count; y (N, C, h, w):
        top_height and top_width.
    Source:
        As in FlowNet2's Caffe on a GPU, which has no backward. There a pixel that is no number is
        left out of the mean; here the mean is none then. A top larger than the bottom has no
        numbers there, and is refused here.
    Example:
        layer {
          name: "small" type: "Downsample" bottom: "x" top: "small"
          downsample_param { top_height: 2 top_width: 3 }
        }
    """

    type = "Downsample"
    example = ((2, 3, 5, 6),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ResampleFacts]:
        """Work out the weights."""
        check_maps(ctx)
        x, options = ctx.shapes[0], ctx.param.downsample_param
        size = (options.top_height, options.top_width)
        if len(ctx.bottoms) > 1:
            size = (ctx.shapes[1][2], ctx.shapes[1][3])
        for length, made, name in zip(x[2:], size, ("top_height", "top_width"), strict=True):
            if made != length and not 1 < made < length:
                raise ctx.error(
                    f"{made} of {length} {'rows' if name == 'top_height' else 'columns'}",
                    at=("bottom", 1) if len(ctx.bottoms) > 1 else ("downsample_param",),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {x}: at least two, as corners are "
                    "kept, and no more than it has",
                    do=f"Write {name} in downsample_param, or give a second bottom of that size.",
                )
        facts = ResampleFacts(shrunk(x[2], size[0]), shrunk(x[3], size[1]))
        return LayerPlan(tops=(BlobSpec((*x[:2], *size)),), facts=facts)
