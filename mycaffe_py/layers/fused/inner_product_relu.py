"""Floor 3. InnerProduct and ReLU as one layer."""

from __future__ import annotations

from mycaffe_py.kernels.gemm import gemm
from mycaffe_py.kernels.inner_product import add_bias, mask_by_output
from mycaffe_py.layers.base import LayerIO
from mycaffe_py.layers.inner_product import InnerProduct, InnerProductFacts


class InnerProductReLU(InnerProduct):
    """Stands for InnerProduct with a bias and the ReLU behind it; its text is the first's."""

    type = "InnerProduct+ReLU"
    backward_reads = ("bottoms", "tops", "params")

    def looks_for(self, facts: InnerProductFacts) -> str:
        """Whether each value of its top is above 0; none is below."""
        return "rectified"

    def forward(self, io: LayerIO) -> None:
        """Product, then bias and ReLU in one pass."""
        facts: InnerProductFacts = io.facts
        x = io.bottoms[0].reshape(facts.rows, facts.inputs)
        y = io.tops[0].reshape(facts.rows, facts.outputs)
        gemm(x, io.params[0], y, transpose_b=not facts.transpose, packed=io.scratch["packed"])
        add_bias(io.params[1], True, y)

    def backward(self, io: LayerIO) -> None:
        """The gradient of the ReLU takes the place of that of its top."""
        shape = (io.facts.rows, io.facts.outputs)
        mask_by_output(io.tops[0].reshape(shape), io.dtops[0].reshape(shape))
        super().backward(io)
