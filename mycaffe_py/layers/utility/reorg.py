"""Reorg: pixels turned into channels, in the order of YOLO."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Shape,
    register,
)


@dataclass(frozen=True)
class ReorgFacts:
    """Bottom and top in their memory with six axes, and which axis of x each axis of y is."""

    x: Shape
    y: Shape
    axes: tuple[int, ...]


@register
class Reorg(Layer[ReorgFacts]):
    """Turns blocks of pixels into channels, or back, in the order of YOLO v2.

    Formula:
        with s = stride and q = C / s^2: the memory of x as (q, H s, W s), of y as (C, H, W),
        y[k, j, i] = x[k mod q, j s + k / q / s, i s + k / q mod s], divisions rounded down. With
        reverse the memory of x as (C, H, W), of y as (q, H s, W s), and the copy goes the other
        way. dx takes dy back.
    Shapes:
        x (N, C, H, W), C divisible by s^2; y (N, C s^2, H / s, W / s), with reverse
        (N, C / s^2, H s, W s).
    Source:
        Redmon, Farhadi: YOLO9000, 2017, by its program darknet, whose order this is. It is none of
        pixels to channels side by side: nets are trained with it. As in the forks' and OpenCV's
        Caffe, where backward hands on something else than the gradient.
    Example:
        layer { name: "r" type: "Reorg" bottom: "x" top: "y" reorg_param { stride: 2 } }
    """

    type = "Reorg"
    is_linear = True
    rows_independent = True
    example = ((2, 4, 4, 6),)

    def plan(self, ctx: LayerContext) -> LayerPlan[ReorgFacts]:
        """Find the order of the copy."""
        (shape,) = ctx.shapes
        options = ctx.param.reorg_param
        s = options.stride
        if not s:
            raise ctx.error(
                "no stride", at=("reorg_param", "stride"), do="Write for instance: stride: 2"
            )
        fits = len(shape) == 4 and shape[1] % (s * s) == 0
        if not (fits and (options.reverse or (shape[2] % s == 0 and shape[3] % s == 0))):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted=f"(N, C, H, W) with C divisible by {s * s}"
                + ("" if options.reverse else f", H and W by {s}"),
            )
        n, c, h, w = shape
        q = c // (s * s)
        if options.reverse:
            facts = ReorgFacts((n, s, s, q, h, w), (n, q, h, s, w, s), (0, 3, 4, 1, 5, 2))
            top = (n, q, h * s, w * s)
        else:
            facts = ReorgFacts((n, q, h, s, w, s), (n, s, s, q, h, w), (0, 3, 5, 1, 2, 4))
            top = (n, c * s * s, h // s, w // s)
        return LayerPlan(tops=(BlobSpec(top),), facts=facts)

    def forward(self, io: LayerIO[ReorgFacts]) -> None:
        """Copy in the new order."""
        facts = io.facts
        np.copyto(io.tops[0].reshape(facts.y), io.bottoms[0].reshape(facts.x).transpose(facts.axes))

    def backward(self, io: LayerIO[ReorgFacts]) -> None:
        """Copy the gradient in the old order."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is not None:
            back = np.argsort(facts.axes)
            np.copyto(dx.reshape(facts.x), io.dtops[0].reshape(facts.y).transpose(back))
