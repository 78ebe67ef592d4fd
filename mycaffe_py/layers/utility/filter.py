"""Filter: keeps the rows a selector names."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import (
    ANY,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)


@register
class Filter(Layer):
    """Keeps the rows whose selector is not 0, of each of its bottoms but the last, the selector.

    Formula:
        y = (x_n for all n with s_n != 0, in order); dx_n = dy of that row, 0 for rows left out.
    Shapes:
        each x (N, ...), s (N) or (N, 1...), each y (M, ...): M, from 0 to N, is found anew in each
        batch, and what follows runs on that many rows.
    Source:
        As in Caffe, where backward dies when no row was kept. Here what follows then rests: a loss
        of no rows is 0 and no parameter moves. The selector gets no gradient.
    Example:
        layer {
          name: "known" type: "Filter" bottom: "x" bottom: "t" bottom: "is_known"
          top: "known_x" top: "known_t"
        }
    """

    type = "Filter"
    bottom_count = Count(2, None)
    top_count = ANY
    no_gradient = (-1,)
    backward_reads = ("scratch",)
    example = ((4, 3), (4, 2, 2), (4,))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The tops start with all rows; forward knows how many are kept."""
        *inputs, selector = ctx.shapes
        if ctx.top_count != len(inputs):
            raise ctx.error(
                f"{len(inputs)} bottoms before the selector and {ctx.top_count} tops",
                at=("top", 0),
                wanted="it makes one top of each bottom but the last",
            )
        if not selector or any(extent != 1 for extent in selector[1:]):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[-1]}' is {selector}",
                at=("bottom", len(inputs)),
                wanted="the last bottom has one value a row, 0 for rows to leave out",
            )
        for index, shape in enumerate(inputs):
            if not shape or shape[0] != selector[0]:
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {shape}",
                    at=("bottom", index),
                    wanted=f"the selector '{ctx.param.bottom[-1]}' has {selector[0]} rows",
                )
        return LayerPlan(
            tops=tuple(BlobSpec(s.shape, s.label_count, s.labels) for s in ctx.bottoms[:-1]),
            scratch={"kept": Scratch((selector[0],), np.int64)},
            varying=tuple(range(len(inputs))),
        )

    def forward(self, io: LayerIO) -> None:
        """Note the numbers of the rows to keep, and copy these."""
        selector = io.bottoms[-1].reshape(-1)
        (numbers,) = np.nonzero(selector)
        if np.isnan(selector).any():
            raise io.context.error(
                f"row {int(np.argmax(np.isnan(selector)))} of selector "
                f"'{io.context.param.bottom[-1]}' holds NaN",
                at=("bottom", len(io.bottoms) - 1),
                wanted="0 for a row to leave out and another number for one to keep",
            )
        io.scratch["kept"][: len(numbers)] = numbers
        for index, x in enumerate(io.bottoms[:-1]):
            y = io.resize(index, (len(numbers), *x.shape[1:]))
            np.take(x, numbers, axis=0, out=y, mode="clip")

    def backward(self, io: LayerIO) -> None:
        """Put each row's gradient where the row came from."""
        for dx, dy in zip(io.dbottoms, io.dtops, strict=False):
            if dx is not None:
                dx.fill(0)
                dx[io.scratch["kept"][: len(dy)]] = dy
