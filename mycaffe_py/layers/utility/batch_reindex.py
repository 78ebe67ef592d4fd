"""BatchReindex: picks rows by number."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.rows import add_rows
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
from mycaffe_py.layers.index_blob import read_row_numbers


@register
class BatchReindex(Layer):
    """Picks rows of a blob by their numbers, in any order, any number of times.

    Formula:
        y_m = x[index_m]; dx_n = the sum of dy_m over all m with index_m = n.
    Shapes:
        x (N, ...), index (M), y (M, ...).
    Source:
        As in Caffe; the index gets no gradient. An index outside 0 ... N - 1 stops.
    Example:
        layer { name: "pick" type: "BatchReindex" bottom: "x" bottom: "index" top: "y" }
    """

    type = "BatchReindex"
    bottom_count = TWO
    no_gradient = (1,)
    backward_reads = ("scratch",)
    example = ((3, 2), (4,))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """As many rows as there are indices."""
        shape, index = ctx.shapes
        if len(index) != 1 or not shape:
            at = 1 if shape else 0
            raise ctx.error(
                f"bottom '{ctx.param.bottom[at]}' is {ctx.shapes[at]}",
                at=("bottom", at),
                wanted="the first bottom has rows, and the second one number for each row of "
                "the top, on a single axis",
            )
        return LayerPlan(
            tops=(BlobSpec((index[0], *shape[1:]), ctx.bottoms[0].label_count),),
            scratch={"index": Scratch(index, np.int64)},
        )

    def forward(self, io: LayerIO) -> None:
        """Copy the rows."""
        x = io.bottoms[0]
        because = f"bottom '{io.context.param.bottom[0]}' has {len(x)} rows"
        index = io.scratch["index"]
        index[...] = read_row_numbers(io, 1, len(x), because=because)
        np.take(x, index, axis=0, out=io.tops[0], mode="clip")

    def backward(self, io: LayerIO) -> None:
        """Add each row's gradient where the row came from."""
        dx = io.dbottoms[0]
        if dx is not None:
            dx.fill(0)
            index = io.scratch["index"]
            add_rows(io.dtops[0].reshape(len(index), -1), index, dx.reshape(len(dx), -1))
