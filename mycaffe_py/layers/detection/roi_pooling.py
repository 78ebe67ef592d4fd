"""ROIPooling: regions of a feature map, brought to one size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.detection.regions import largest_of_cells, largest_of_cells_backward
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


@dataclass(frozen=True)
class ROIPoolingFacts:
    """Rows and columns of cells, and how large the map is in sizes of the image."""

    grid: tuple[int, int]
    scale: float


@register
class ROIPooling(Layer[ROIPoolingFacts]):
    """The greatest values of each cell of each region, the region cut into a grid of cells.

    Formula:
        r = corner * spatial_scale, rounded (halves away from 0); size = max(r2 - r1 + 1, 1).
        Cell i of P reaches from r1 + floor(i size / P) to r1 + ceil((i + 1) size / P), cut to the
        map; y = the largest x of the cell, 0 where it is empty. dx = dy at the first of the
        largest, added up over all regions. Regions get no gradient.
    Shapes:
        x (N, C, H, W); regions (R, 5), rows (item, x1, y1, x2, y2) in pixels of the image;
        y (R, C, pooled_h, pooled_w).
    Source:
        Girshick: Fast R-CNN, 2015. As in its Caffe on a GPU; there is no backward on a CPU there.
        A NaN in a cell comes out as NaN. A region of an item that does not exist, or with a corner
        that is no number, is refused.
    Example:
        layer {
          name: "pool5" type: "ROIPooling" bottom: "conv5" bottom: "rois" top: "pool5"
          roi_pooling_param { pooled_h: 2 pooled_w: 3 spatial_scale: 0.5 }
        }
    """

    type = "ROIPooling"
    bottom_count = TWO
    no_gradient = (1,)
    backward_reads = ("scratch",)
    is_linear = True
    example = ((2, 2, 6, 7), (3, 5))

    def plan(self, ctx: LayerContext) -> LayerPlan[ROIPoolingFacts]:
        """One picture of pooled_h x pooled_w for each region."""
        check_bottoms(ctx)
        options = ctx.param.roi_pooling_param
        for name in ("pooled_h", "pooled_w"):
            if not getattr(options, name):
                raise ctx.error(
                    f"no {name}",
                    at=("roi_pooling_param", name),
                    do="Write for instance: roi_pooling_param { pooled_h: 7 pooled_w: 7 "
                    "spatial_scale: 0.0625 }",
                )
        if not options.spatial_scale > 0:
            raise ctx.error(
                f"spatial_scale {options.spatial_scale:g}",
                at=("roi_pooling_param", "spatial_scale"),
                wanted="more than 0: how large the map is in sizes of the image",
            )
        grid = (options.pooled_h, options.pooled_w)
        count = ctx.shapes[1][0]
        top = (count, ctx.shapes[0][1], *grid)
        return LayerPlan(
            tops=(BlobSpec(top),),
            scratch={"mask": Scratch(top, np.int32), "items": Scratch((count,), np.int64)},
            facts=ROIPoolingFacts(grid, options.spatial_scale),
        )

    def forward(self, io: LayerIO[ROIPoolingFacts]) -> None:
        """Cut each region into cells; keep the places of the maxima for backward."""
        x, y = io.bottoms[0], io.tops[0]
        items, corners = regions_of(io)
        place = rounded(corners * x.dtype.type(io.facts.scale))
        size = np.maximum(place[:, 2:] - place[:, :2] + 1, 1)
        shift = np.zeros_like(size[:, 0])
        rows = cells(size[:, 1], y.shape[2], x.shape[2], place[:, 1], shift)
        columns = cells(size[:, 0], y.shape[3], x.shape[3], place[:, 0], shift)
        io.scratch["items"][...] = items
        largest_of_cells(x, items, rows, columns, y, io.scratch["mask"])

    def backward(self, io: LayerIO[ROIPoolingFacts]) -> None:
        """Add each gradient where its maximum came from."""
        if io.dbottoms[0] is not None:
            scratch = io.scratch
            largest_of_cells_backward(
                io.dtops[0], scratch["items"], scratch["mask"], io.dbottoms[0]
            )
