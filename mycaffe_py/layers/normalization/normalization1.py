"""Normalization1: rows of length 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.kernels.row_length import unit_rows, unit_rows_backward
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import Normalization1Parameter as Options


@dataclass(frozen=True)
class Normalization1Facts:
    """The bottom as (N, D); whether a length is a sum of absolute values."""

    blocks: tuple[int, int]
    amounts: bool


@register
class Normalization1(Layer[Normalization1Facts]):
    """Scales each row to length 1, so that only its direction counts.

    Formula:
        y = x / r, r = sqrt(sum x^2) over all values of a row; dx = (dy - y (y . dy)) / r.
        normalization_param { norm: L1 }: r = sum |x|; dx = (dy - sign(x) (y . dy)) / r.
        A row of zeros stays, and gets no gradient.
    Shapes:
        x and y (N, ...), the same.
    Source:
        As in MyCaffe, where a row of zeros becomes NaN and norm L1 is read but L2 computed.
    Example:
        layer { name: "unit" type: "Normalization1" bottom: "x" top: "y" }
    """

    type = "Normalization1"
    rows_independent = True
    backward_reads = ("tops", "scratch")
    example = ((4, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[Normalization1Facts]:
        """The top has the bottom's shape; the lengths are kept."""
        shape = ctx.shapes[0]
        if not shape:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is a scalar",
                at=("bottom", 0),
                wanted="one axis or more, the first being the rows",
            )
        blocks = (shape[0], math.prod(shape[1:]))
        amounts = ctx.param.normalization_param.norm == Options.L1
        return LayerPlan(
            tops=(BlobSpec(shape),),
            scratch={"length": Scratch(blocks[:1])},
            facts=Normalization1Facts(blocks, amounts),
        )

    def forward(self, io: LayerIO[Normalization1Facts]) -> None:
        """Measure and divide, row by row."""
        facts = io.facts
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        unit_rows(x, facts.amounts, io.scratch["length"], y)

    def backward(self, io: LayerIO[Normalization1Facts]) -> None:
        """Remove from the gradient the part that would change the length."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is not None:
            y, dy = io.tops[0].reshape(facts.blocks), io.dtops[0].reshape(facts.blocks)
            length = io.scratch["length"]
            unit_rows_backward(y, dy, length, facts.amounts, dx.reshape(facts.blocks))
