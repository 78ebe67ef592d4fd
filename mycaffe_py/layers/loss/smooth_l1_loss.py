"""SmoothL1Loss: how far boxes are from where they should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.losses.smooth_l1 import smooth_l1, smooth_l1_backward
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)


@dataclass(frozen=True)
class SmoothL1Facts:
    """sigma^2: the loss is a square up to one through it."""

    sharpness: float


@register
class SmoothL1Loss(Layer[SmoothL1Facts]):
    """Squares of small differences, absolute values of large ones.

    Formula:
        d = v * (a - b); f = s^2 d^2 / 2 where |d| < 1 / s^2, else |d| - 1 / (2 s^2), s = sigma;
        loss = sum u * f / N. da = w * u * v * f' / N and db = -da, with f' = s^2 d or the sign of
        d, and w the loss weight.
    Shapes:
        a (N, ...), b of as many rows and elements; v and u, the inside and outside weights, alike,
        1 where they are not given; loss (). The weights get no gradient.
    Source:
        Girshick: Fast R-CNN, 2015; sigma is of Faster R-CNN. As in their Caffe on a GPU; there it
        has no CPU form. The first of these had v alone, which is read too: three bottoms.
    Example:
        layer {
          name: "loss" type: "SmoothL1Loss" bottom: "a" bottom: "b" bottom: "v" bottom: "u"
          top: "loss" smooth_l1_loss_param { sigma: 3 }
        }
    """

    type = "SmoothL1Loss"
    bottom_count = Count(2, 4)
    is_loss = True
    backward_reads = ("bottoms",)
    example = ((3, 4), (3, 4), (3, 4), (3, 4))

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """The two that are compared get one, their weights do not."""
        return bottom < 2

    def plan(self, ctx: LayerContext) -> LayerPlan[SmoothL1Facts]:
        """Scalar top; all bottoms must have one number of rows and of elements."""
        first = ctx.bottoms[0]
        for index, spec in enumerate(ctx.bottoms[1:], 1):
            if spec.shape[:1] != first.shape[:1] or spec.count != first.count:
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {spec.shape}",
                    at=("bottom", index),
                    wanted=f"as many rows and as many elements as bottom '{ctx.param.bottom[0]}' "
                    f"{first.shape}",
                )
        sigma = ctx.param.smooth_l1_loss_param.sigma
        if not (sigma > 0 and np.isfinite(sigma)):
            raise ctx.error(
                f"sigma {sigma:g}", at=("smooth_l1_loss_param", "sigma"), wanted="more than 0"
            )
        return LayerPlan(tops=(BlobSpec(()),), facts=SmoothL1Facts(sigma * sigma))

    def forward(self, io: LayerIO[SmoothL1Facts]) -> None:
        """The sum over all elements, by the number of rows."""
        total = smooth_l1(*_flat(io), io.facts.sharpness)
        io.tops[0][...] = total / _rows(io)

    def backward(self, io: LayerIO[SmoothL1Facts]) -> None:
        """The slope of each element; b gets it with the other sign."""
        share = float(io.dtops[0]) / _rows(io)
        for gradient, factor in zip(io.dbottoms[:2], (share, -share), strict=True):
            if gradient is not None:
                smooth_l1_backward(*_flat(io), io.facts.sharpness, factor, gradient.reshape(-1))


def _rows(io: LayerIO[SmoothL1Facts]) -> int:
    """What the sum is divided by; a batch without rows has a sum of 0."""
    return max(1, len(io.bottoms[0])) if io.bottoms[0].ndim else 1


def _flat(io: LayerIO[SmoothL1Facts]) -> list[Array]:
    """a, b, v and u as rows of numbers; weights that are not given are one 1 for all."""
    given = [x.reshape(-1) for x in io.bottoms]
    return given + [np.ones(1, given[0].dtype)] * (4 - len(given))
