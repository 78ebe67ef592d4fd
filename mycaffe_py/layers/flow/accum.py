"""Accum: maps of several sizes brought to one and joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.resize import interpolate, interpolate_backward
from mycaffe_py.layers.base import (
    ANY,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.flow.axis_weights import MOST_PIXELS
from mycaffe_py.layers.flow.resample import check_maps


@dataclass(frozen=True)
class AccumFacts:
    """For each bottom that is joined, its channels of the top."""

    channels: tuple[slice, ...]


@register
class Accum(Layer[AccumFacts]):
    """Stretches maps to one size by straight lines between pixels, and puts them side by side.

    Formula:
        row i of y lies at row i (H - 1) / (h - 1) of a bottom, columns alike; a value between rows
        and columns is the mean of its four pixels by nearness. dx takes back each share of dy.
    Shapes:
        x_k (N, C_k, H_k, W_k); y (N, sum of C_k, h, w). h and w: with have_reference those of the
        last bottom, which counts for nothing else; else top_height and top_width, or the next
        multiples of size_divisible_by, where both of them are above the greatest H_k and W_k, and
        else these.
    Source:
        As in FlowNet2's Caffe. OpenCV's layer of this name takes the size of the first bottom.
    Example:
        layer {
          name: "large" type: "Accum" bottom: "x" bottom: "like" top: "y"
          accum_param { have_reference: true }
        }
    """

    type = "Accum"
    bottom_count = ANY
    is_linear = True
    rows_independent = True
    example = ((2, 2, 3, 4), (2, 1, 5, 6))

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """Yes; that of a bottom that only gives the size is 0."""
        return True

    def plan(self, ctx: LayerContext) -> LayerPlan[AccumFacts]:
        """The size, and the channels of each bottom."""
        check_maps(ctx)
        for index, shape in enumerate(ctx.shapes):
            if shape[0] != ctx.shapes[0][0]:
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {shape}",
                    at=("bottom", index),
                    wanted=f"{ctx.shapes[0][0]} items, as bottom '{ctx.param.bottom[0]}' has",
                )
        reference = ctx.param.accum_param.have_reference
        joined = ctx.shapes[:-1] if reference else ctx.shapes
        if not joined:
            raise ctx.error(
                "one bottom", at=("bottom", 0), wanted="maps, and with have_reference their size"
            )
        ends = np.cumsum([shape[1] for shape in joined]).tolist()
        channels = tuple(
            slice(end - shape[1], end) for end, shape in zip(ends, joined, strict=True)
        )
        size = ctx.shapes[-1][2:] if reference else _size(ctx)
        top = BlobSpec((ctx.shapes[0][0], ends[-1], *size))
        return LayerPlan(tops=(top,), facts=AccumFacts(channels))

    def forward(self, io: LayerIO[AccumFacts]) -> None:
        """Bottom by bottom, item by item."""
        for x, channels in zip(io.bottoms, io.facts.channels, strict=False):
            for item, y in enumerate(io.tops[0]):
                interpolate(x[item], 0, 0, *x.shape[2:], y[channels])

    def backward(self, io: LayerIO[AccumFacts]) -> None:
        """Give each pixel its share; a bottom that only gives the size gets 0."""
        for bottom, dx in enumerate(io.dbottoms):
            if dx is None:
                continue
            if bottom == len(io.facts.channels):
                dx.fill(0)
                continue
            _share(io.dtops[0][:, io.facts.channels[bottom]], dx)


def _share(dy: Array, dx: Array) -> None:
    """Gradient dx of one bottom of that of its channels."""
    for item, gradient in enumerate(dx):
        interpolate_backward(np.ascontiguousarray(dy[item]), 0, 0, *gradient.shape[1:], gradient)


def _size(ctx: LayerContext) -> tuple[int, ...]:
    """Height and width of the top without a reference."""
    options = ctx.param.accum_param
    greatest = [max(shape[axis] for shape in ctx.shapes) for axis in (2, 3)]
    asked = [options.top_height, options.top_width]
    if options.size_divisible_by:
        step = options.size_divisible_by
        asked = [-(-length // step) * step for length in greatest]
    if max(asked) > MOST_PIXELS:
        raise ctx.error(
            f"{asked[0]} rows and {asked[1]} columns",
            at=("accum_param",),
            wanted=f"at most {MOST_PIXELS} of each",
        )
    larger = all(wanted > there for wanted, there in zip(asked, greatest, strict=True))
    return tuple(asked if larger else greatest)
