"""Input: blobs the caller fills."""

from __future__ import annotations

from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
    ANY,
    NONE,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


@register
class Input(Layer):
    """Makes blobs of given shapes that the caller fills before each forward.

    Formula:
        none: the values are the caller's.
    Shapes:
        one shape for all tops, or one for each.
    Source:
        As in Caffe, except that a shape must be given: Caffe allows none and leaves the top empty.
    Example:
        layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 } } }
    """

    type = "Input"
    bottom_count = NONE
    top_count = ANY
    has_backward = False

    def brings_data(self, param: LayerParameter) -> bool:
        """No: the caller fills its tops, in a RUN net too."""
        return False

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """One shape for each top."""
        shapes = [tuple(shape.dim) for shape in ctx.param.input_param.shape]
        if len(shapes) not in (1, ctx.top_count):
            raise ctx.error(
                f"{len(shapes)} shapes for {ctx.top_count} tops",
                at=("input_param",),
                wanted="one shape for all tops or one for each",
                do="Write for instance: input_param { shape { dim: 1 dim: 28 dim: 28 } }",
            )
        for index, shape in enumerate(shapes):
            if min(shape, default=0) < 0:
                raise ctx.error(
                    f"shape {shape} has a negative dim", at=("input_param", "shape", index, "dim")
                )
        every = shapes * (ctx.top_count if len(shapes) == 1 else 1)
        return LayerPlan(tops=tuple(BlobSpec(shape) for shape in every))

    def forward(self, io: LayerIO) -> None:
        """Nothing to compute: the tops hold what the caller put there."""

    def calls(self, io: LayerIO) -> tuple[Call, ...]:
        """None at all."""
        return ()
