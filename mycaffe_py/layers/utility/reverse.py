"""Reverse: one axis from its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class ReverseFacts:
    """The axis that is turned."""

    axis: int


@register
class Reverse(Layer[ReverseFacts]):
    """Turns one axis: the last comes first.

    Formula:
        y[..., i, ...] = x[..., L - 1 - i, ...] along `axis` of length L; dx turns dy back.
    Shapes:
        x any with at least one axis; y as x.
    Source:
        As in the forks for reading text (CTPN, caffe_ocr), where two Lstm read a line from both
        ends. axis may count from the end, as everywhere here.
    Example:
        layer { name: "back" type: "Reverse" bottom: "x" top: "y" reverse_param { axis: 1 } }
    """

    type = "Reverse"
    is_linear = True
    may_be_in_place = True
    example = ((3, 4, 2),)

    def keeps_rows_apart(self, ctx: LayerContext) -> bool:
        """Yes, unless the rows themselves are turned."""
        return ctx.axis(ctx.param.reverse_param.axis, ("reverse_param", "axis")) != 0

    def plan(self, ctx: LayerContext) -> LayerPlan[ReverseFacts]:
        """The shape stays."""
        axis = ctx.axis(ctx.param.reverse_param.axis, ("reverse_param", "axis"))
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=ReverseFacts(axis))

    def forward(self, io: LayerIO[ReverseFacts]) -> None:
        """Copy from the end; over itself, too."""
        np.copyto(io.tops[0], np.flip(io.bottoms[0], io.facts.axis))

    def backward(self, io: LayerIO[ReverseFacts]) -> None:
        """Copy the gradient from the end."""
        if io.dbottoms[0] is not None:
            np.copyto(io.dbottoms[0], np.flip(io.dtops[0], io.facts.axis))
