"""EuclideanLoss."""

from __future__ import annotations

from mycaffe_py.kernels.losses.contrastive import scaled_difference, sum_of_squared_differences
from mycaffe_py.layers.base import TWO, BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class EuclideanLoss(Layer):
    """Half the mean squared distance between the rows of two blobs.

    Formula:
        loss = sum (a - b)^2 / (2N); da = w * (a - b) / N and db = -da, with w the loss weight.
    Shapes:
        a (N, ...), b of as many rows and elements; loss ().
    Source:
        As in Caffe: both bottoms get a gradient.
    Example:
        layer { name: "loss" type: "EuclideanLoss" bottom: "a" bottom: "b" top: "loss" }
    """

    type = "EuclideanLoss"
    spellings = ("Euclidean_Loss",)
    bottom_count = TWO
    is_loss = True
    backward_reads = ("bottoms",)
    example = ((3, 4), (3, 4))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Scalar top; both bottoms must have one number of rows and of elements."""
        a, b = ctx.bottoms
        if a.shape[:1] != b.shape[:1] or a.count != b.count:
            first, second = ctx.param.bottom
            raise ctx.error(
                f"bottom '{first}' is {a.shape}, bottom '{second}' is {b.shape}",
                at=("bottom", 1),
                wanted="both need as many rows and as many elements, to be subtracted",
            )
        return LayerPlan(tops=(BlobSpec(()),))

    def forward(self, io: LayerIO) -> None:
        """Sum of squares over 2N."""
        a, b = io.bottoms
        rows = len(a) if a.ndim else 1
        total = sum_of_squared_differences(a.reshape(-1), b.reshape(-1))
        io.tops[0][...] = total / (2 * rows)

    def backward(self, io: LayerIO) -> None:
        """Scale the difference; b gets it with the other sign."""
        a, b = io.bottoms
        q = float(io.dtops[0]) / (len(a) if a.ndim else 1)
        for x, y, gradient in ((a, b, io.dbottoms[0]), (b, a, io.dbottoms[1])):
            if gradient is not None:
                scaled_difference(x.reshape(-1), y.reshape(-1), q, gradient.reshape(-1))
