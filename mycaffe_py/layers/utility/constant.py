"""Constant: a blob that never changes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    NONE,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

FIELD = "constant_param"


@dataclass(frozen=True)
class ConstantFacts:
    """One value for all elements, or all values in C order."""

    values: tuple[float, ...]


@register
class Constant(Layer[ConstantFacts]):
    """Makes a blob of given values.

    Formula:
        y = valuef: one value everywhere, or all values in C order.
    Shapes:
        y as output_shape says.
    Source:
        As in MyCaffe, which takes one value only. Its binary_data_file is not read.
    Example:
        layer {
          name: "ones" type: "Constant" top: "y"
          constant_param { output_shape { dim: 2 dim: 3 } valuef: 1 }
        }
    """

    type = "Constant"
    bottom_count = NONE
    has_backward = False

    def brings_data(self, param: LayerParameter) -> bool:
        """No: its values stand in the text."""
        return False

    def plan(self, ctx: LayerContext) -> LayerPlan[ConstantFacts]:
        """The shape, and values for it."""
        options = ctx.param.constant_param
        if options.binary_data_file:
            raise ctx.error(
                f"binary_data_file '{options.binary_data_file}'",
                at=(FIELD, "binary_data_file"),
                wanted="the values themselves: the form of that file is MyCaffe's own",
                do="Give them as valuef.",
            )
        shape = tuple(options.output_shape.dim)
        if not options.HasField("output_shape") or min(shape, default=0) < 0:
            raise ctx.error(
                f"output_shape {shape}" if shape else "no output_shape",
                at=(FIELD,),
                wanted="the shape of the top, for instance output_shape { dim: 2 dim: 3 }",
            )
        count = math.prod(shape)
        if len(options.valuef) not in (1, count):
            raise ctx.error(
                f"{len(options.valuef)} entries of valuef",
                at=(FIELD, "valuef", 0),
                wanted=f"one, or {count} for shape {shape}",
            )
        return LayerPlan(tops=(BlobSpec(shape),), facts=ConstantFacts(tuple(options.valuef)))

    def forward(self, io: LayerIO[ConstantFacts]) -> None:
        """Write the values again, as a layer in place may have changed them."""
        values = np.array(io.facts.values, io.tops[0].dtype)
        io.tops[0][...] = values if len(values) == 1 else values.reshape(io.tops[0].shape)
