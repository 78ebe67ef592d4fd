"""ArgMax: where the largest values are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.largest import largest_first
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)


@dataclass(frozen=True)
class ArgMaxFacts:
    """The bottom as (outer, C, inner); whether indices, values or both are handed out."""

    blocks: tuple[int, int, int]
    indices: bool
    values: bool


@register
class ArgMax(Layer[ArgMaxFacts]):
    """Indices of the top_k largest values, largest first; with out_max_val the values.

    Formula:
        y_k = the place of the k-th largest x; of equal values the one further back comes first.
        No gradient.
    Shapes:
        x (N, ...). Without `axis` each row is one line of numbers: y (N, 1, top_k, 1...), or
        (N, 2, top_k, 1...) indices above values. With `axis` y is x with top_k on that axis, and
        out_max_val hands out values instead of indices.
    Source:
        As in Caffe. A NaN counts as smaller than every number (in Caffe its place is left to
        chance). Indices are numbers of the net's type, exact up to 2^24 in float32.
    Example:
        layer { name: "best" type: "ArgMax" bottom: "x" top: "y" argmax_param { top_k: 2 } }
    """

    type = "ArgMax"
    has_backward = False
    no_gradient = (0,)
    example = ((2, 5),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ArgMaxFacts]:
        """Find the line of numbers that is searched."""
        options = ctx.param.argmax_param
        shape = ctx.shapes[0]
        if options.HasField("axis"):
            axis = ctx.axis(options.axis, at=("argmax_param", "axis"))
            blocks = (BlobSpec(shape[:axis]).count, shape[axis], BlobSpec(shape[axis + 1 :]).count)
            top = (*shape[:axis], options.top_k, *shape[axis + 1 :])
            indices = not options.out_max_val
        else:
            blocks = (shape[0] if shape else 1, BlobSpec(shape[1:]).count, 1)
            stacked = 2 if options.out_max_val else 1
            top = (blocks[0], stacked, options.top_k, *(1,) * (len(shape) - 3))
            indices = True
        if not 1 <= options.top_k <= blocks[1]:
            raise ctx.error(
                f"top_k {options.top_k}",
                at=("argmax_param", "top_k"),
                wanted=f"1 to {blocks[1]}, the number of values of bottom "
                f"'{ctx.param.bottom[0]}' {shape} that are compared",
            )
        return LayerPlan(
            tops=(BlobSpec(top),),
            scratch={"index": Scratch((blocks[0], options.top_k, blocks[2]), np.int64)},
            facts=ArgMaxFacts(blocks, indices, options.out_max_val),
        )

    def forward(self, io: LayerIO[ArgMaxFacts]) -> None:
        """Search, then write indices, values or both."""
        facts = io.facts
        x = io.bottoms[0].reshape(facts.blocks)
        index = io.scratch["index"]
        largest_first(x, index)
        outer, k, inner = index.shape
        y = io.tops[0].reshape(outer, -1, k, inner)
        if facts.indices:
            y[:, 0] = index
        if facts.values:
            y[:, -1] = np.take_along_axis(x, index, axis=1)
