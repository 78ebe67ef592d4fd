"""LRN: local response normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.lrn import (
    across_backward,
    across_forward,
    within_backward,
    within_forward,
)
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    register,
)
from mycaffe_py.proto.mycaffe_pb2 import LRNParameter


@dataclass(frozen=True)
class LRNFacts:
    """The bottom as the kernel wants it, and scale = k + strength * sum of squares.

    `half` is how far the window reaches to either side.
    """

    blocks: Shape
    within: bool
    half: int
    k: float
    strength: float
    beta: float


@register
class LRN(Layer[LRNFacts]):
    """Damps each value by the strength of its neighbours.

    Formula:
        y = x * scale^-beta.
        ACROSS_CHANNELS: scale = k + alpha / n * S, S the sum of x^2 over n = local_size channels.
        WITHIN_CHANNEL: scale = 1 + alpha / n^2 * S, S over n x n pixels of one channel.
        Beyond the border x counts as 0. With f = alpha / n or alpha / n^2,
        dx = dy * scale^-beta - 2 f beta x * (sum of dy * y / scale over the same window).
    Shapes:
        x and y (N, C, H, W), the same.
    Source:
        Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural
        Networks, 2012, section 3.3. As in Caffe, also in that WITHIN_CHANNEL ignores k. Windows
        are summed anew at each place, while Caffe adds and takes off, which lets float errors
        grow. In place Caffe's gradient is wrong, so we refuse that.
    Example:
        layer {
          name: "norm1" type: "LRN" bottom: "x" top: "y"
          lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 }
        }
    """

    type = "LRN"
    rows_independent = True
    backward_reads = ("bottoms", "scratch")
    example = ((2, 5, 2, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[LRNFacts]:
        """Four axes, and a window with a middle."""
        options = ctx.param.lrn_param
        shape = ctx.shapes[0]
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="it needs 4 axes: items, channels, rows and columns of pixels",
            )
        size = options.local_size
        if size % 2 == 0:
            raise ctx.error(
                f"local_size {size}",
                at=("lrn_param", "local_size"),
                wanted="the window needs a middle, so its size must be odd",
            )
        within = options.norm_region == LRNParameter.WITHIN_CHANNEL
        n, c, h, w = shape
        facts = LRNFacts(
            blocks=(n * c, h, w) if within else (n, c, h * w),
            within=within,
            half=size // 2,
            k=1.0 if within else options.k,
            strength=options.alpha / (size * size if within else size),
            beta=options.beta,
        )
        spec = BlobSpec(shape)
        return LayerPlan(tops=(spec,), scratch={"scale": Scratch(shape)}, facts=facts)

    def forward(self, io: LayerIO[LRNFacts]) -> None:
        """Divide by the scales, and keep these."""
        facts = io.facts
        x, y = io.bottoms[0].reshape(facts.blocks), io.tops[0].reshape(facts.blocks)
        scale = io.scratch["scale"].reshape(facts.blocks)
        run = within_forward if facts.within else across_forward
        run(x, facts.half, facts.k, facts.strength, facts.beta, scale, y)

    def backward(self, io: LayerIO[LRNFacts]) -> None:
        """Divide by the scale, and subtract the part that comes through the neighbours' scales."""
        dx, facts = io.dbottoms[0], io.facts
        if dx is not None:
            x, dy = io.bottoms[0].reshape(facts.blocks), io.dtops[0].reshape(facts.blocks)
            scale = io.scratch["scale"].reshape(facts.blocks)
            run = within_backward if facts.within else across_backward
            run(x, scale, dy, facts.half, facts.strength, facts.beta, dx.reshape(facts.blocks))
