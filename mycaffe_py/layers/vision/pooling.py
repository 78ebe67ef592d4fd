"""Pooling: maximum or mean over windows of a picture."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.max_values import max_pool_values, max_values_call
from mycaffe_py.kernels.pooling import max_pool, max_pool_backward, mean_pool, mean_pool_backward
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.vision.sliding_window import (
    SlidingWindow,
    check_some_left,
    pooled,
    pooling_window,
)
from mycaffe_py.proto.mycaffe_pb2 import PoolingParameter

# Values read from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 1 << 16


@dataclass(frozen=True)
class PoolingFacts:
    """The window, and whether it takes the maximum (else the mean)."""

    window: SlidingWindow
    maximum: bool


@register
class Pooling(Layer[PoolingFacts]):
    """Maximum or mean over windows of a picture.

    Formula:
        MAX y = largest x of the window, the first of equals; dx = dy at its place.
        AVE y = sum of x over the window / area; dx = dy / area over the window. Padding counts in
        the area, what a last window covers behind the padding does not.
    Shapes:
        x (N, C, H, W), y (N, C, OH, OW), OH = ceil((H + 2 pad - kernel) / stride) + 1 (floor with
        round_mode FLOOR), less 1 if the last window would begin behind the far padding. A kernel
        larger than its picture by less than the stride is cut to it. A second top of MAX: the
        places h * W + w of the maxima, as numbers.
    Source:
        As in Caffe, with these differences: a NaN in the window comes out as NaN; a last window
        wholly outside the picture, which Caffe makes when the stride exceeds the kernel, is dropped
        without padding too. STOCHASTIC is refused, as by Caffe on a CPU.
    Example:
        layer {
          name: "pool1" type: "Pooling" bottom: "x" top: "y"
          pooling_param { pool: MAX kernel_size: 2 stride: 2 }
        }
    """

    type = "Pooling"
    is_linear = True
    top_count = Count(1, 2)
    rows_independent = True
    backward_reads = ("scratch",)
    example = ((2, 2, 5, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[PoolingFacts]:
        """Window and size of the result."""
        (shape,) = ctx.shapes
        options = ctx.param.pooling_param
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="pictures (N, C, H, W)",
            )
        if options.pool == PoolingParameter.STOCHASTIC:
            raise ctx.error(
                "pool STOCHASTIC",
                at=("pooling_param", "pool"),
                wanted="MAX or AVE; Caffe has the third on a GPU only",
            )
        maximum = options.pool == PoolingParameter.MAX
        if ctx.top_count > 1 and not maximum:
            raise ctx.error("a second top", at=("top", 1), wanted="only MAX has one, its places")
        window = pooling_window(ctx, shape[2:])
        ceil = options.round_mode == PoolingParameter.CEIL
        top = (*shape[:2], *pooled(window, shape[2:], ceil))
        check_some_left(ctx, window, top[2:])
        return LayerPlan(
            tops=(BlobSpec(top),) * ctx.top_count,
            scratch={"mask": Scratch(top, "int32")} if maximum else {},
            facts=PoolingFacts(window, maximum),
        )

    def forward(self, io: LayerIO[PoolingFacts]) -> None:
        """Pool; keep the places of the maxima where a backward or a second top needs them."""
        window = io.facts.window
        x, y = io.bottoms[0], io.tops[0]
        if not io.facts.maximum:
            mean_pool(x, window.kernel, window.stride, window.pad, y)
            return
        if not io.dbottoms and len(io.tops) == 1:
            max_pool_values(x, window.kernel, window.stride, window.pad, y)
            return
        mask = io.scratch["mask"]
        max_pool(x, window.kernel, window.stride, window.pad, y, mask)
        for top in io.tops[1:]:
            top[...] = mask

    def calls(self, io: LayerIO[PoolingFacts]) -> list[Call] | None:
        """One kernel, where there is one top."""
        window = io.facts.window
        x, y = io.bottoms[0], io.tops[0]
        sizes = (window.kernel, window.stride, window.pad)
        if len(io.tops) > 1:
            return None
        threads = 0 if x.size >= _WORTH_SHARING else 1
        if not io.facts.maximum:
            return [Call(mean_pool, (x, *sizes, y), threads)]
        if io.dbottoms:
            return [Call(max_pool, (x, *sizes, y, io.scratch["mask"]), threads)]
        return [max_values_call(x, *sizes, y)]

    def backward(self, io: LayerIO[PoolingFacts]) -> None:
        """Send each gradient back to where its value came from."""
        window = io.facts.window
        dx = io.dbottoms[0]
        if dx is None:
            return
        if io.facts.maximum:
            max_pool_backward(io.dtops[0], io.scratch["mask"], dx)
        else:
            mean_pool_backward(io.dtops[0], window.kernel, window.stride, window.pad, dx)
