"""LRN across channels, of pictures in blocks of channels."""

from __future__ import annotations

from mycaffe_py.kernels.blocked.across import normalise_across_call
from mycaffe_py.kernels.blocked.storage import block_count, image_elements
from mycaffe_py.kernels.sharing import Call, perform
from mycaffe_py.layers.base import Layer, LayerContext, LayerIO, LayerPlan
from mycaffe_py.layers.blocked.place import Place
from mycaffe_py.layers.normalization.lrn import LRNFacts


class BlockedLRN(Layer[LRNFacts]):
    """Stands for LRN across channels with beta 3/4, forward only, channels in full blocks."""

    type = "LRN in blocks"
    rows_independent = True
    has_backward = False

    def __init__(self, plain: LayerPlan[LRNFacts], x: Place, y: Place) -> None:
        """`plain`: the plan of the layer it stands for; `x` and `y`: where the blobs lie."""
        self.plain, self.x, self.y = plain, x, y

    def plan(self, ctx: LayerContext) -> LayerPlan[LRNFacts]:
        """The same top."""
        return LayerPlan(tops=self.plain.tops, facts=self.plain.facts)

    def forward(self, io: LayerIO[LRNFacts]) -> None:
        """Normalise pixel by pixel."""
        perform(self._call(io))

    def calls(self, io: LayerIO[LRNFacts]) -> tuple[Call, ...]:
        """One kernel."""
        return (self._call(io),)

    def _call(self, io: LayerIO[LRNFacts]) -> Call:
        facts, dtype = io.facts, io.tops[0].dtype
        images, channels, height, width = self.x.shape
        steps = tuple(image_elements(one.whole, height, width, dtype) for one in (self.x, self.y))
        blocks = block_count(channels, dtype)
        x, y = io.bottoms[0], io.tops[0]
        return normalise_across_call(
            x, images, height * width, blocks, steps, facts.half, facts.k, facts.strength, y
        )
