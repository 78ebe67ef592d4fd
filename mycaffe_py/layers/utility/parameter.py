"""Parameter: a learned blob on its own."""

from __future__ import annotations

from mycaffe_py.layers.base import (
    NONE,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


@register
class Parameter(Layer):
    """Hands out a learned array as a blob.

    Formula:
        y = w; dw = dy, added to what is there.
    Shapes:
        y and w as parameter_param.shape. w starts at 0.
    Source:
        As in Caffe, except that the gradient adds up over backward passes as every other
        parameter's does; Caffe overwrites it, so iter_size above 1 learned from the last pass
        alone.
    Example:
        layer { name: "w" type: "Parameter" top: "y" parameter_param { shape { dim: 2 dim: 3 } } }
    """

    type = "Parameter"
    bottom_count = NONE

    def brings_data(self, param: LayerParameter) -> bool:
        """No: its values are learned."""
        return False

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """One parameter, one top, both of the shape given."""
        options = ctx.param.parameter_param
        shape = tuple(options.shape.dim)
        if not options.HasField("shape") or min(shape, default=1) < 1:
            raise ctx.error(
                f"shape {shape}" if options.HasField("shape") else "no shape",
                at=("parameter_param", "shape"),
                wanted="parameter_param.shape gives the size of the array, each dim 1 or more",
            )
        return LayerPlan(tops=(BlobSpec(shape),), params=(ParamBlob(shape),))

    def forward(self, io: LayerIO) -> None:
        """Copy the parameter."""
        io.tops[0][...] = io.params[0]

    def backward(self, io: LayerIO) -> None:
        """Add the gradient to the parameter's."""
        if io.dparams[0] is not None:
            io.dparams[0] += io.dtops[0]
