"""Axpy: channels times a factor of each item, plus another blob."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.broadcast import add_products, scale_and_shift
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)


@dataclass(frozen=True)
class AxpyFacts:
    """x as (1, N C, pixels), so that there is a factor for each place of its middle."""

    blocks: tuple[int, int, int]


@register
class Axpy(Layer[AxpyFacts]):
    """Multiplies each channel of each item by a factor of its own, and adds another blob.

    Formula:
        z = s x + y, s alike for all pixels of a channel; ds = sum of dz x over the pixels,
        dx = s dz, dy = dz.
    Shapes:
        s (N, C), with or without axes of 1 behind, x (N, C, ...), y and z as x: in this order.
    Source:
        Hu et al.: Squeeze-and-Excitation Networks, 2017, as in its authors' Caffe: the factors are
        the excitation, x the block's output and y the shortcut. OpenCV 4.12 computes s y + x and is
        wrong for SE-ResNet, SE-ResNeXt and SENet-154.
    Example:
        layer { name: "sum" type: "Axpy" bottom: "s" bottom: "x" bottom: "y" top: "z" }
    """

    type = "Axpy"
    bottom_count = Count(3, 3)
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((2, 3, 1, 1), (2, 3, 2, 2), (2, 3, 2, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[AxpyFacts]:
        """The three shapes must fit; the top has that of x."""
        factors, shape, added = ctx.shapes
        names = ctx.param.bottom
        if len(shape) < 2:
            raise ctx.error(
                f"bottom '{names[1]}' is {shape}",
                at=("bottom", 1),
                wanted="two axes or more: items, and their channels",
            )
        if factors[:2] != shape[:2] or math.prod(factors[2:]) != 1:
            raise ctx.error(
                f"bottom '{names[0]}' is {factors}",
                at=("bottom", 0),
                wanted=f"bottom '{names[1]}' is {shape}, so a factor for each of its channels is "
                f"{shape[:2]}, or {(*shape[:2], 1, 1)}",
                do="The bottoms are, in this order: factors, what they multiply, what is added.",
            )
        if added != shape:
            raise ctx.error(
                f"bottom '{names[2]}' is {added}",
                at=("bottom", 2),
                wanted=f"bottom '{names[1]}' is {shape}, and both are added",
            )
        blocks = (1, shape[0] * shape[1], math.prod(shape[2:]))
        return LayerPlan(tops=(BlobSpec(shape),), facts=AxpyFacts(blocks), unread=(2,))

    def forward(self, io: LayerIO[AxpyFacts]) -> None:
        """Multiply, then add."""
        s, x, y = io.bottoms
        z = io.tops[0]
        blocks, factors = io.facts.blocks, s.reshape(-1)
        scale_and_shift(x.reshape(blocks), factors, factors[:0], z.reshape(blocks))
        np.add(z, y, out=z)

    def backward(self, io: LayerIO[AxpyFacts]) -> None:
        """Each bottom gets the gradient times what it was multiplied by."""
        ds, dx, dy = io.dbottoms
        dz, blocks = io.dtops[0], io.facts.blocks
        if ds is not None:
            ds.fill(0)
            add_products(io.bottoms[1].reshape(blocks), dz.reshape(blocks), ds.reshape(-1))
        if dx is not None:
            s = io.bottoms[0].reshape(-1)
            scale_and_shift(dz.reshape(blocks), s, s[:0], dx.reshape(blocks))
        if dy is not None:
            np.copyto(dy, dz)
