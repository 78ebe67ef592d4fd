"""Upsample: a pooling undone by its places, or each pixel repeated; both layers of that name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.kernels.resize import fetch_back, put_back
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)

_PADS = {"pad_out_h": "scale_h", "pad_out_w": "scale_w"}


@dataclass(frozen=True)
class UpsampleFacts:
    """How often each pixel is repeated on both axes; 0 with places."""

    times: int


@register
class Upsample(Layer[UpsampleFacts]):
    """Undoes a max pooling by its places; with one bottom, repeats each pixel.

    Formula:
        with places p: y = 0, but y[p] = x, of several x with one place the last; dx = dy[p].
        Without: y[i, j] = x[i / scale, j / scale], rounded down; dx is the sum over the pixels
        that repeat it.
    Shapes:
        x (N, C, H, W), p the same: the second top of a max pooling, h W + w in each plane of its
        bottom. y (N, C, upsample_h, upsample_w), or else (N, C, H scale_h, W scale_w) less one row
        with pad_out_h and one column with pad_out_w. With one bottom y (N, C, H scale, W scale).
    Source:
        Badrinarayanan et al.: SegNet, 2015, as in its authors' and ENet's Caffe. A place below 0 is
        refused as one behind the end is; there it is written to. With one bottom as in
        MobileNet-YOLO's Caffe, a layer of the same name. OpenCV knows neither.
    Example:
        layer {
          name: "up" type: "Upsample" bottom: "x" bottom: "p" top: "y"
          upsample_param { scale: 2 upsample_h: 4 upsample_w: 5 }
        }
    """

    type = "Upsample"
    bottom_count = Count(1, 2)
    no_gradient = (1,)
    is_linear = True
    rows_independent = True
    backward_reads = ("bottoms",)
    example = ((2, 2, 2, 3), (2, 2, 2, 3))

    def plan(self, ctx: LayerContext) -> LayerPlan[UpsampleFacts]:
        """The size of the top."""
        shape = ctx.shapes[0]
        if len(shape) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="pictures (N, C, H, W)",
            )
        if len(ctx.shapes) == 1:
            times = _times(ctx)
            top = (*shape[:2], shape[2] * times, shape[3] * times)
            return LayerPlan(tops=(BlobSpec(top),), facts=UpsampleFacts(times), unread=(0,))
        if ctx.shapes[1] != shape:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {ctx.shapes[1]}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, and each of its values has a "
                "place",
                do="Name the second top of the max pooling that is undone.",
            )
        top = (*shape[:2], *_size(ctx))
        return LayerPlan(tops=(BlobSpec(top),), facts=UpsampleFacts(0), unread=(0,))

    def forward(self, io: LayerIO[UpsampleFacts]) -> None:
        """Repeat the pixels, or put them to their places."""
        x, y, times = io.bottoms[0], io.tops[0], io.facts.times
        n, c, h, w = x.shape
        if times:
            y.reshape(n, c, h, times, w, times)[...] = x[:, :, :, None, :, None]
            return
        planes = (n * c, h * w)
        large = y.reshape(n * c, y.shape[2] * y.shape[3])
        wrong = put_back(x.reshape(planes), io.bottoms[1].reshape(planes), large)
        if wrong >= 0:
            raise _no_place(io, int(wrong))

    def backward(self, io: LayerIO[UpsampleFacts]) -> None:
        """Add up what repeats a pixel, or fetch it from its place."""
        dx, dy, times = io.dbottoms[0], io.dtops[0], io.facts.times
        if dx is None:
            return
        n, c, h, w = dx.shape
        if times:
            np.sum(dy.reshape(n, c, h, times, w, times), axis=(3, 5), out=dx)
        else:
            planes = (n * c, h * w)
            places = io.bottoms[1].reshape(planes)
            fetch_back(dy.reshape(n * c, dy.shape[2] * dy.shape[3]), places, dx.reshape(planes))


def _times(ctx: LayerContext) -> int:
    """How often each pixel is repeated."""
    options = ctx.param.upsample_param
    for field, _ in options.ListFields():
        if field.name != "scale":
            raise ctx.error(
                f"{field.name} with one bottom",
                at=("upsample_param", field.name),
                wanted="with one bottom pixels are repeated, and only scale is read",
                do="Name the second top of the max pooling that is undone as second bottom, or "
                "write scale.",
            )
    if options.HasField("scale") and not options.scale:
        raise ctx.error("scale 0", at=("upsample_param", "scale"), wanted="1 or more")
    return options.scale or 1


def _size(ctx: LayerContext) -> tuple[int, int]:
    """Height and width of the top with places."""
    options = ctx.param.upsample_param
    _check_pairs(ctx)
    if options.HasField("upsample_h"):
        return options.upsample_h, options.upsample_w
    scale = options.scale if options.HasField("scale") else 2
    times = {"scale_h": scale, "scale_w": scale}
    if options.HasField("scale_h"):
        times = {name: getattr(options, name) for name in times}
    for pad, name in _PADS.items():
        if getattr(options, pad) and times[name] != 2:
            raise ctx.error(
                f"{pad} with a scale of {times[name]}",
                at=("upsample_param", pad),
                wanted="a scale of 2: with another one it is not known how many are too many",
                do="Write upsample_h and upsample_w.",
            )
    _, _, height, width = ctx.shapes[0]
    return (
        height * times["scale_h"] - int(options.pad_out_h),
        width * times["scale_w"] - int(options.pad_out_w),
    )


def _check_pairs(ctx: LayerContext) -> None:
    """Errors: one number of a pair, scale beside scale_h, sizes below 1."""
    options = ctx.param.upsample_param
    for pair in (("upsample_h", "upsample_w"), ("scale_h", "scale_w")):
        given = [name for name in pair if options.HasField(name)]
        if len(given) == 1:
            raise ctx.error(
                f"{given[0]} alone", at=("upsample_param", given[0]), wanted=" and ".join(pair)
            )
    if options.HasField("scale") and options.HasField("scale_h"):
        raise ctx.error(
            "scale_h beside scale", at=("upsample_param", "scale_h"), wanted="one of them"
        )
    for name in ("scale", "scale_h", "scale_w", "upsample_h", "upsample_w"):
        if options.HasField(name) and not getattr(options, name):
            raise ctx.error(f"{name} 0", at=("upsample_param", name), wanted="1 or more")


def _no_place(io: LayerIO[UpsampleFacts], wrong: int) -> UserError:
    """The error for a place that is none of the top's."""
    places, param = io.bottoms[1], io.context.param
    height, width = io.tops[0].shape[2:]
    item, channel, *_ = np.unravel_index(wrong, places.shape)
    return io.context.error(
        f"item {item}, channel {channel} of bottom '{param.bottom[1]}' holds place "
        f"{places.reshape(-1)[wrong]:g}",
        at=("bottom", 1),
        wanted=f"top '{param.top[0]}' has {height} x {width} pixels, so places run from 0 to "
        f"{height * width - 1}",
        do="Let upsample_h and upsample_w be height and width of what was pooled.",
    )
