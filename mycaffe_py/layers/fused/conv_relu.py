"""Convolution and ReLU as one layer, in training."""

from __future__ import annotations

from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import Array, LayerIO
from mycaffe_py.layers.bias_sums import cut_and_add_bias_sums
from mycaffe_py.layers.vision.calls import direct_calls
from mycaffe_py.layers.vision.convolution import (
    Convolution,
    ConvolutionFacts,
    first_ends,
    run_direct,
)


class ConvolutionReLU(Convolution):
    """Stands for Convolution without columns and the ReLU behind it; its text is the first's."""

    type = "Convolution+ReLU"
    is_linear = False
    backward_reads = ("bottoms", "tops", "params")

    def looks_for(self, facts: ConvolutionFacts) -> str:
        """Which values of its top are above 0; none is below."""
        return "rectified"

    def forward(self, io: LayerIO[ConvolutionFacts]) -> None:
        """Convolve, and rectify in the same pass."""
        first_ends(io, io.scratch["ends"])
        run_direct(io, io.bottoms[0], io.scratch["ends"], None, True, io.tops[0])

    def calls(self, io: LayerIO[ConvolutionFacts]) -> list[Call]:
        """One kernel."""
        return direct_calls(io, relu=True)

    def add_bias_gradient(self, io: LayerIO[ConvolutionFacts], db: Array | None) -> None:
        """Apply the ReLU to the gradient of the top in place, and sum it up in the same pass."""
        shape = (io.facts.columns.rows, io.facts.outputs, io.facts.columns.area)
        y, dy = io.tops[0].reshape(shape), io.dtops[0].reshape(shape)
        cut_and_add_bias_sums(y, io.context.twins, dy, db)
