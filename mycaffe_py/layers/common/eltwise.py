"""Eltwise: sum, product or maximum of blobs, element by element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import EltwiseParameter


@dataclass(frozen=True)
class EltwiseFacts:
    """The operation, and for SUM one factor for each bottom."""

    operation: int
    coeff: tuple[float, ...]


@register
class Eltwise(Layer[EltwiseFacts]):
    """Sum, product or maximum of several blobs, element by element.

    Formula:
        SUM  y = sum of c_k x_k; dx_k = c_k dy.
        PROD y = product of x_k; dx_k = dy times the product of the others.
        MAX  y = max of x_k; dx_k = dy where x_k is the largest, else 0.
    Shapes:
        every x_k and y any shape, the same.
    Source:
        As in Caffe; of two equal largest values the second bottom wins over the first, and either
        over later ones. stable_prod_grad: false asks for dy y / x_k, the same but for a division
        by 0: we take the product in both cases. A NaN in any bottom stays NaN.
    Example:
        layer {
          name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "y"
          eltwise_param { operation: SUM coeff: 1 coeff: -1 }
        }
    """

    type = "Eltwise"
    bottom_count = Count(2, None)
    rows_independent = True
    backward_reads = ("bottoms", "scratch")
    example = ((2, 3), (2, 3))

    def plan(self, ctx: LayerContext) -> LayerPlan[EltwiseFacts]:
        """All bottoms have one shape."""
        options = ctx.param.eltwise_param
        first = ctx.shapes[0]
        for index, shape in enumerate(ctx.shapes):
            if shape != first:
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {shape}",
                    at=("bottom", index),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {first}, and all must be the same",
                )
        coeff = tuple(options.coeff) or (1.0,) * len(ctx.bottoms)
        if len(coeff) != len(ctx.bottoms):
            raise ctx.error(
                f"{len(coeff)} coeff for {len(ctx.bottoms)} bottoms",
                at=("eltwise_param", "coeff", 0),
                wanted="one for each bottom, or none",
            )
        if options.coeff and options.operation != EltwiseParameter.SUM:
            raise ctx.error(
                "coeff without operation SUM",
                at=("eltwise_param", "coeff", 0),
                wanted="only a sum has factors",
            )
        maximum = options.operation == EltwiseParameter.MAX
        product = options.operation == EltwiseParameter.PROD
        return LayerPlan(
            tops=(BlobSpec(first),),
            scratch={"winner": Scratch(first, "int32")} if maximum else {},
            facts=EltwiseFacts(options.operation, coeff),
            unread=() if product else tuple(range(len(ctx.bottoms))),
        )

    def forward(self, io: LayerIO[EltwiseFacts]) -> None:
        """Combine the bottoms."""
        y = io.tops[0]
        if io.facts.operation == EltwiseParameter.SUM:
            _sum(io.bottoms, io.facts.coeff, y)
        elif io.facts.operation == EltwiseParameter.PROD:
            _product(io.bottoms, y)
        else:
            _maximum(io.bottoms, y, io.scratch["winner"])

    def backward(self, io: LayerIO[EltwiseFacts]) -> None:
        """Give each bottom its part of the gradient."""
        dy = io.dtops[0]
        for index, dx in enumerate(io.dbottoms):
            if dx is None:
                continue
            if io.facts.operation == EltwiseParameter.SUM:
                np.multiply(dy, dy.dtype.type(io.facts.coeff[index]), out=dx)
            elif io.facts.operation == EltwiseParameter.PROD:
                _product([x for k, x in enumerate(io.bottoms) if k != index], dx)
                dx *= dy
            else:
                np.multiply(dy, io.scratch["winner"] == index, out=dx)


def _sum(bottoms: list[Array], coeff: tuple[float, ...], y_out: Array) -> None:
    if set(coeff) == {1.0}:
        np.add(bottoms[0], bottoms[1], out=y_out)
        for x in bottoms[2:]:
            y_out += x
        return
    np.multiply(bottoms[0], y_out.dtype.type(coeff[0]), out=y_out)
    for x, factor in zip(bottoms[1:], coeff[1:], strict=True):
        y_out += x * y_out.dtype.type(factor)


def _product(factors: list[Array], y_out: Array) -> None:
    y_out[...] = factors[0]
    for x in factors[1:]:
        y_out *= x


def _maximum(bottoms: list[Array], y_out: Array, winner_out: Any) -> None:
    np.logical_not(bottoms[0] > bottoms[1], out=winner_out, casting="unsafe")
    np.maximum(bottoms[0], bottoms[1], out=y_out)
    for index, x in enumerate(bottoms[2:], start=2):
        winner_out[x > y_out] = index
        np.maximum(y_out, x, out=y_out)
