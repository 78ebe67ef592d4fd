"""InnerProduct and ReLU as one layer."""

from __future__ import annotations

from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.kernels.products.inner_product import add_bias_and_rectify, mask_by_output
from mycaffe_py.layers.base import LayerIO
from mycaffe_py.layers.common.inner_product import InnerProduct, InnerProductFacts


class InnerProductReLU(InnerProduct):
    """Stands for InnerProduct with a bias and the ReLU behind it; its text is the first's."""

    type = "InnerProduct+ReLU"
    is_linear = False
    backward_reads = ("bottoms", "tops", "params")

    def looks_for(self, facts: InnerProductFacts) -> str:
        """Which values of its top are above 0; none is below."""
        return "rectified"

    def forward(self, io: LayerIO[InnerProductFacts]) -> None:
        """Product, then bias and ReLU in one pass."""
        facts = io.facts
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        y = io.tops[0].reshape(facts.rows, facts.outputs)
        gemm(x, io.params[0], y, transpose_b=not facts.transpose, packed=io.scratch["packed"])
        add_bias_and_rectify(io.params[1], y)

    def backward(self, io: LayerIO[InnerProductFacts]) -> None:
        """Apply the ReLU to the gradient of the top in place, then go on as InnerProduct."""
        shape = (io.facts.rows, io.facts.outputs)
        mask_by_output(io.tops[0].reshape(shape), io.dtops[0].reshape(shape))
        super().backward(io)
