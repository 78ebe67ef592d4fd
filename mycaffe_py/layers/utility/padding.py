"""Padding: zeros around maps, or their borders cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register

# Rows or columns added to one side.
_MOST_PIXELS = 1024


@dataclass(frozen=True)
class PaddingFacts:
    """Which part of the top is taken from which part of the bottom, on both axes of pixels."""

    into: tuple[slice, slice]
    taken: tuple[slice, slice]


@register
class Padding(Layer[PaddingFacts]):
    """Puts zeros around maps, or cuts off their borders.

    Formula:
        y = x with pad_beg zeros above and on the left, pad_end below and on the right; where they
        are below 0, so many rows and columns of x are left out. dx = that part of dy.
    Shapes:
        x (N, C, H, W), y (N, C, H + pad_beg + pad_end, W + pad_beg + pad_end).
    Source:
        As in DeepLab's Caffe, which also refuses one option above 0 beside one below.
    Example:
        layer {
          name: "inside" type: "Padding" bottom: "x" top: "y"
          padding_param { pad_beg: -1 pad_end: -2 }
        }
    """

    type = "Padding"
    is_linear = True
    rows_independent = True
    example = ((2, 3, 4, 5),)

    def plan(self, ctx: LayerContext) -> LayerPlan[PaddingFacts]:
        """The sizes of what is left or added."""
        shape, options = ctx.shapes[0], ctx.param.padding_param
        before, behind = options.pad_beg, options.pad_end
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="maps, (N, C, H, W)",
            )
        if before * behind < 0 or max(before, behind) > _MOST_PIXELS:
            raise ctx.error(
                f"pad_beg {before} and pad_end {behind}",
                at=("padding_param",),
                wanted=f"neither above {_MOST_PIXELS}, and not one above 0 with one below",
                do="Use two Padding layers, one behind the other.",
            )
        size = [length + before + behind for length in shape[2:]]
        if min(size) < 1:
            raise ctx.error(
                f"pad_beg {before} and pad_end {behind}",
                at=("padding_param",),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, of which a pixel must be left",
            )
        facts = PaddingFacts(
            into=_inside(before, behind, size), taken=_inside(-before, -behind, shape[2:])
        )
        return LayerPlan(tops=(BlobSpec((*shape[:2], *size)),), facts=facts)

    def forward(self, io: LayerIO[PaddingFacts]) -> None:
        """Copy what both have."""
        io.tops[0].fill(0)
        io.tops[0][(..., *io.facts.into)] = io.bottoms[0][(..., *io.facts.taken)]

    def backward(self, io: LayerIO[PaddingFacts]) -> None:
        """Copy its gradient; elsewhere it is 0."""
        dx = io.dbottoms[0]
        if dx is not None:
            dx.fill(0)
            dx[(..., *io.facts.taken)] = io.dtops[0][(..., *io.facts.into)]


def _inside(before: int, behind: int, size: Sequence[int]) -> tuple[slice, slice]:
    """What is left of two axes without `before` and `behind` places, where these are above 0."""
    rows, columns = (slice(max(before, 0), length - max(behind, 0)) for length in size)
    return rows, columns
