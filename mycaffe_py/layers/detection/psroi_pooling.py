"""PSROIPooling: regions of a feature map, each cell seen by channels of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.detection.regions import mean_of_cells, mean_of_cells_backward
from mycaffe_py.layers.base import (
    TWO,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.detection.regions import cells, check_bottoms, regions_of, rounded

_PARAM = "psroi_pooling_param"
# No region is narrower than this, in pixels of the map.
_LEAST = 0.1


@dataclass(frozen=True)
class PSROIPoolingFacts:
    """How large the map is in sizes of the image."""

    scale: float


@register
class PSROIPooling(Layer[PSROIPoolingFacts]):
    """Means of each cell of each region, each cell in channels of its own.

    Formula:
        r1 = round(corner) * spatial_scale, r2 = (round(corner) + 1) * spatial_scale; size =
        max(r2 - r1, 0.1). Cell (i, j) of G x G reaches from floor(r1 + i size / G) to
        ceil(r1 + (i + 1) size / G), cut to the map; y_k = the mean of x over it in channel
        (k G + i) G + j, 0 where it is empty. dx = dy / area over the cell, added up over all
        regions. Regions get no gradient.
    Shapes:
        x (N, output_dim * G * G, H, W), G = group_size; regions (R, 5), rows (item, x1, y1, x2,
        y2) in pixels of the image; y (R, output_dim, G, G).
    Source:
        Dai, Li, He, Sun: R-FCN, 2016. As in its Caffe, which has it on a GPU only. A region of an
        item that does not exist, or with a corner that is no number, is refused.
    Example:
        layer {
          name: "cells" type: "PSROIPooling" bottom: "scores" bottom: "rois" top: "cells"
          psroi_pooling_param { spatial_scale: 0.5 output_dim: 2 group_size: 2 }
        }
    """

    type = "PSROIPooling"
    bottom_count = TWO
    no_gradient = (1,)
    backward_reads = ("scratch",)
    is_linear = True
    example = ((2, 8, 6, 7), (3, 5))

    def plan(self, ctx: LayerContext) -> LayerPlan[PSROIPoolingFacts]:
        """One picture of group_size x group_size for each region."""
        check_bottoms(ctx)
        options = ctx.param.psroi_pooling_param
        for name in ("spatial_scale", "output_dim", "group_size"):
            value = getattr(options, name)
            if not value > 0:
                raise ctx.error(
                    f"{name} {value:g}" if options.HasField(name) else f"no {name}",
                    at=(_PARAM, name),
                    wanted="more than 0",
                    do="Write for instance: psroi_pooling_param { spatial_scale: 0.0625 "
                    "output_dim: 21 group_size: 7 }",
                )
        maps, regions = ctx.shapes
        dim, group = options.output_dim, options.group_size
        if maps[1] != dim * group * group:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {maps}",
                at=("bottom", 0),
                wanted=f"{dim * group * group} channels: output_dim {dim} for each of the "
                f"{group} x {group} cells",
            )
        count = regions[0]
        return LayerPlan(
            tops=(BlobSpec((count, dim, group, group)),),
            scratch={
                "items": Scratch((count,), np.int64),
                "rows": Scratch((count, group, 2), np.int64),
                "columns": Scratch((count, group, 2), np.int64),
            },
            facts=PSROIPoolingFacts(options.spatial_scale),
        )

    def forward(self, io: LayerIO[PSROIPoolingFacts]) -> None:
        """Cut each region into cells, and take their means."""
        x, y = io.bottoms[0], io.tops[0]
        items, corners = regions_of(io)
        scale = x.dtype.type(io.facts.scale)
        place = rounded(corners)
        start = place[:, :2] * scale
        size = np.maximum((place[:, 2:] + 1) * scale - start, x.dtype.type(_LEAST))
        nothing = np.zeros_like(size[:, 0])
        scratch = io.scratch
        group = y.shape[2]
        scratch["items"][...] = items
        scratch["rows"][...] = cells(size[:, 1], group, x.shape[2], nothing, start[:, 1])
        scratch["columns"][...] = cells(size[:, 0], group, x.shape[3], nothing, start[:, 0])
        mean_of_cells(x, items, scratch["rows"], scratch["columns"], y)

    def backward(self, io: LayerIO[PSROIPoolingFacts]) -> None:
        """Spread each gradient over its cell."""
        if io.dbottoms[0] is not None:
            scratch = io.scratch
            mean_of_cells_backward(
                io.dtops[0], scratch["items"], scratch["rows"], scratch["columns"], io.dbottoms[0]
            )
