"""Nms: the peaks of heat maps."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.flow.peaks import find_peaks
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class NmsFacts:
    """What a peak must exceed, and in how many maps peaks are looked for."""

    threshold: float
    parts: int


@register
class Nms(Layer[NmsFacts]):
    """Finds the peaks of heat maps, between the pixels.

    Formula:
        a peak is above `threshold` and above its 8 neighbours; those at the edge are none. Its
        column and row are means over the 7 x 7 pixels around that are above 0, by their values.
        No gradient.
    Shapes:
        x (N, C, H, W), of which the first num_parts maps count; y (N, num_parts, max_peaks + 1, 3):
        how many peaks there are, 0, 0; then column, row and value of the first max_peaks, in the
        order of the pixels, 0 behind the last.
    Source:
        Cao and others: Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields, 2017.
        As in OpenPose's Caffe on a GPU; there the second row and column have no peaks either, the
        first row and column do not count in means, and in maps higher than wide nor do the rows
        below the width. num_parts must not exceed C.
    Example:
        layer {
          name: "peaks" type: "Nms" bottom: "heat" top: "peaks"
          nms_param { threshold: 0.3 max_peaks: 4 num_parts: 2 }
        }
    """

    type = "Nms"
    has_backward = False
    rows_independent = True
    example = ((2, 3, 7, 8),)

    def plan(self, ctx: LayerContext) -> LayerPlan[NmsFacts]:
        """Room for max_peaks peaks of each map."""
        (shape,) = ctx.shapes
        options = ctx.param.nms_param
        if options.max_peaks < 1:
            raise ctx.error(
                f"max_peaks {options.max_peaks}", at=("nms_param", "max_peaks"), wanted="1 or more"
            )
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="heat maps, (N, C, H, W)",
            )
        if not 1 <= options.num_parts <= shape[1]:
            raise ctx.error(
                f"num_parts {options.num_parts}",
                at=("nms_param", "num_parts"),
                wanted=f"1 to {shape[1]}, the maps of bottom '{ctx.param.bottom[0]}' {shape}",
            )
        top = (shape[0], options.num_parts, options.max_peaks + 1, 3)
        return LayerPlan(
            tops=(BlobSpec(top),), facts=NmsFacts(options.threshold, options.num_parts)
        )

    def forward(self, io: LayerIO[NmsFacts]) -> None:
        """Map by map."""
        for maps, peaks in zip(io.bottoms[0], io.tops[0], strict=True):
            for x, found in zip(maps[: io.facts.parts], peaks, strict=True):
                find_peaks(x, io.facts.threshold, found)
