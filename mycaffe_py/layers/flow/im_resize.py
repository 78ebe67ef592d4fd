"""ImResize: heat maps on several scales, brought to one size and averaged."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from mycaffe_py.kernels.flow.resample import resample, resample_backward
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register
from mycaffe_py.layers.flow.axis_weights import MOST_PIXELS, AxisWeights, centred_cubic


@dataclass(frozen=True)
class ImResizeFacts:
    """For each row its weights along rows and along columns."""

    scales: tuple[tuple[AxisWeights, AxisWeights], ...]


@register
class ImResize(Layer[ImResizeFacts]):
    """The mean of heat maps that one picture gave on several scales.

    Formula:
        row n loses floor(W / 2 (1 - start_scale + n scale_gap)) columns at each side, rows alike;
        the w' that are left become w: column j of y lies at (j - (w / w' / 2 - 1/2)) w' / w, by
        Catmull and Rom's cubic from four columns, those outside being the last ones; y is the mean
        over all rows n. dx gets dy by the same weights.
    Shapes:
        x (S, C, H, W), a row for each scale; y (1, C, h, w), target_spatial_height and
        target_spatial_width, or H and W times `factor` if that is not 0.
    Source:
        Cao and others: Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields, 2017.
        As in OpenPose's Caffe on a GPU, which has no backward.
    Example:
        layer {
          name: "resized" type: "ImResize" bottom: "heat" top: "resized"
          imresize_param { factor: 2 scale_gap: 0.3 }
        }
    """

    type = "ImResize"
    is_linear = True
    example = ((2, 3, 7, 8),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ImResizeFacts]:
        """Work out the weights of each row."""
        (shape,) = ctx.shapes
        options = ctx.param.imresize_param
        if len(shape) != 4 or not min(shape, default=0):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="heat maps with pixels, a row for each scale: (S, C, H, W)",
            )
        size = (options.target_spatial_height, options.target_spatial_width)
        tall = not 0 < size[0] <= MOST_PIXELS
        field = "target_spatial_height" if tall else "target_spatial_width"
        if options.factor:
            field = "factor"
            size = (int(shape[2] * options.factor), int(shape[3] * options.factor))
        if not 0 < min(size) <= max(size) <= MOST_PIXELS:
            raise ctx.error(
                f"{field} {getattr(options, field):g}",
                at=("imresize_param", field),
                wanted=f"1 to {MOST_PIXELS} rows and columns; bottom "
                f"'{ctx.param.bottom[0]}' is {shape}",
            )
        scales = []
        for row in range(shape[0]):
            lost = 1 - options.start_scale + row * options.scale_gap
            cuts = [floor(length / 2 * lost) for length in shape[2:]]
            for length, cut in zip(shape[2:], cuts, strict=True):
                if cut < 0 or length - 2 * cut < 1:
                    raise ctx.error(
                        f"scale {1 - lost:g} of row {row}",
                        at=("imresize_param",),
                        wanted=f"more than 0 and at most 1, and of {length} pixels one is left",
                        do="Set start_scale and scale_gap to the scales of the rows.",
                    )
            rows, columns = (
                centred_cubic(length - 2 * cut, made, cut)
                for length, made, cut in zip(shape[2:], size, cuts, strict=True)
            )
            scales.append((rows, columns))
        return LayerPlan(tops=(BlobSpec((1, shape[1], *size)),), facts=ImResizeFacts(tuple(scales)))

    def forward(self, io: LayerIO[ImResizeFacts]) -> None:
        """Row by row, added up."""
        y = io.tops[0][0]
        y[...] = 0
        made = np.empty_like(y)
        for x, (rows, columns) in zip(io.bottoms[0], io.facts.scales, strict=True):
            resample(x, *rows.arrays(y), *columns.arrays(y), made)
            y += made
        y /= len(io.bottoms[0])

    def backward(self, io: LayerIO[ImResizeFacts]) -> None:
        """Each row gets its share."""
        dx = io.dbottoms[0]
        if dx is None:
            return
        dx[...] = 0
        dy = io.dtops[0][0] / len(dx)
        for gradient, (rows, columns) in zip(dx, io.facts.scales, strict=True):
            resample_backward(dy, *rows.arrays(dy), *columns.arrays(dy), gradient)
