"""SPP: spatial pyramid pooling, to rows of one length whatever the picture's size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.pooling import max_pool, max_pool_backward, mean_pool, mean_pool_backward
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.vision.sliding_window import SlidingWindow
from mycaffe_py.proto.mycaffe_pb2 import SPPParameter


@dataclass(frozen=True)
class SPPFacts:
    """The window of each level, coarsest first; whether it takes the maximum (else the mean)."""

    windows: tuple[SlidingWindow, ...]
    maximum: bool


@register
class SPP(Layer[SPPFacts]):
    """Pools a picture in grids of 1 x 1, 2 x 2, 4 x 4 and so on, all values side by side.

    Formula:
        Level l is a Pooling with 2^l cells an axis: kernel = stride = ceil(size / 2^l),
        pad = (kernel * 2^l - size + 1) / 2, rounded down. dx = the sum over the levels.
    Shapes:
        x (N, C, H, W), y (N, C * (4^L - 1) / 3) with L = pyramid_height, level behind level; for
        L = 1 (N, C, 1, 1).
    Source:
        He, Zhang, Ren, Sun: Spatial Pyramid Pooling in Deep Convolutional Networks, 2014. As in
        Caffe; STOCHASTIC is refused, as by Caffe on a CPU.
    Example:
        layer {
          name: "pyramid" type: "SPP" bottom: "x" top: "y" spp_param { pyramid_height: 2 }
        }
    """

    type = "SPP"
    rows_independent = True
    backward_reads = ("scratch",)
    example = ((2, 2, 4, 5),)

    def plan(self, ctx: LayerContext) -> LayerPlan[SPPFacts]:
        """Each level has its window."""
        (shape,) = ctx.shapes
        options = ctx.param.spp_param
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="pictures (N, C, H, W)",
            )
        if options.pool == SPPParameter.STOCHASTIC:
            raise ctx.error(
                "pool STOCHASTIC", at=("spp_param", "pool"), wanted="MAX or AVE can be computed"
            )
        if options.pyramid_height < 1:
            raise ctx.error(
                "no pyramid_height",
                at=("spp_param", "pyramid_height"),
                do="Write for instance: pyramid_height: 3",
            )
        windows = tuple(_window(ctx, level) for level in range(options.pyramid_height))
        maximum = options.pool == SPPParameter.MAX
        scratch = {"dx": Scratch(shape)}
        for level in range(len(windows)):
            grid = (*shape[:2], 2**level, 2**level)
            scratch[f"level{level}"] = Scratch(grid)
            if maximum:
                scratch[f"mask{level}"] = Scratch(grid, np.int32)
        cells = sum(4**level for level in range(len(windows)))
        top = (*shape[:2], 1, 1) if len(windows) == 1 else (shape[0], shape[1] * cells)
        return LayerPlan(tops=(BlobSpec(top),), scratch=scratch, facts=SPPFacts(windows, maximum))

    def forward(self, io: LayerIO[SPPFacts]) -> None:
        """Pool each level, then copy it to its place."""
        facts = io.facts
        for level, (window, y) in enumerate(
            zip(facts.windows, _levels(io, io.tops[0]), strict=True)
        ):
            grid = io.scratch[f"level{level}"]
            if facts.maximum:
                mask = io.scratch[f"mask{level}"]
                max_pool(io.bottoms[0], window.kernel, window.stride, window.pad, grid, mask)
            else:
                mean_pool(io.bottoms[0], window.kernel, window.stride, window.pad, grid)
            y[...] = grid.reshape(y.shape)

    def backward(self, io: LayerIO[SPPFacts]) -> None:
        """Send the gradient of each level back, and add up those of all levels."""
        if io.dbottoms[0] is None:
            return
        facts = io.facts
        for level, (window, dy) in enumerate(
            zip(facts.windows, _levels(io, io.dtops[0]), strict=True)
        ):
            grid = io.scratch[f"level{level}"]
            grid[...] = dy.reshape(grid.shape)
            dx = io.scratch["dx"] if level else io.dbottoms[0]
            if facts.maximum:
                max_pool_backward(grid, io.scratch[f"mask{level}"], dx)
            else:
                mean_pool_backward(grid, window.kernel, window.stride, window.pad, dx)
            if level:
                io.dbottoms[0] += dx


def _levels(io: LayerIO[SPPFacts], y: Array) -> list[Array]:
    """The part (N, C * 4^l) of each level in the top or its gradient."""
    table = y.reshape(len(y), -1)
    channels = io.bottoms[0].shape[1]
    sizes = [channels * 4**level for level in range(len(io.facts.windows))]
    return np.split(table, np.cumsum(sizes)[:-1], axis=1)


def _window(ctx: LayerContext, level: int) -> SlidingWindow:
    cells = 2**level
    sizes = ctx.shapes[0][2:]
    kernel = tuple(-(-size // cells) for size in sizes)
    pad = tuple((k * cells - size + 1) // 2 for k, size in zip(kernel, sizes, strict=True))
    if any(p >= k for p, k in zip(pad, kernel, strict=True)):
        raise ctx.error(
            f"pyramid_height {ctx.param.spp_param.pyramid_height}",
            at=("spp_param", "pyramid_height"),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}, which cannot be cut into "
            f"{cells} x {cells} cells without one that lies in the padding alone",
        )
    return SlidingWindow(kernel, kernel, pad, (1, 1))
