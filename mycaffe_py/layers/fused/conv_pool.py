"""Floor 3. Convolution, bias, ReLU and 2 x 2 max pooling as one layer.

Forward works on blocked images (kernels/blocks.py) and keeps the pooled values and their places
only. Backward visits those places alone: three of four convolution outputs have no gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mycaffe_py.kernels.bias_gradient import bias_gradient
from mycaffe_py.kernels.blocks import block_count, pack, unpack
from mycaffe_py.kernels.clipped import mask_clipped
from mycaffe_py.kernels.conv_pool_forward import conv_pool_forward
from mycaffe_py.kernels.conv_pool_winograd import Winograd, conv_pool_winograd, winograd_scratch
from mycaffe_py.kernels.patches import Patches, codes_by_window, fill_patches, plan_patches
from mycaffe_py.kernels.sparse_weights import sparse_weights, sums_size
from mycaffe_py.kernels.vector import lanes
from mycaffe_py.kernels.winograd_images import winograd_images
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    layer_types,
)

# codes_by_window writes whole vectors, so its last one may reach behind the last code.
_SPARE_BYTES = 64
_MOST_DIRECT_CHANNELS = 3


@lru_cache(maxsize=64)
def _patches(x_shape: Shape, kernel: Shape, dtype: str) -> Patches:
    return plan_patches(x_shape, kernel, np.dtype(dtype))


@dataclass(frozen=True)
class Sizes:
    """Numbers of one fused layer: N images (C, H, W), filters (K, C, R, S), results (P, Q)."""

    images: int
    x: Shape
    w: Shape
    pooled: Shape

    @property
    def windows(self) -> int:
        """Pooling windows of one channel of one image."""
        return self.pooled[0] * self.pooled[1]

    def blocked_x(self, dtype: Any) -> Shape:
        """Shape of the images in blocked storage."""
        return (block_count(self.images, dtype), *self.x, lanes(dtype))

    def blocked_y(self, dtype: Any) -> Shape:
        """Shape of the results in blocked storage."""
        return (block_count(self.images, dtype), self.w[0], *self.pooled, lanes(dtype))

    def rows(self, dtype: Any) -> int:
        """Images with those that fill up the last block."""
        return int(block_count(self.images, dtype) * lanes(dtype))

    def patches(self, dtype: Any) -> Patches:
        """How the images are stored for the gradient of the filters."""
        return _patches(self.x, self.w[2:], np.dtype(dtype).str)


def winograd_fits(w: Shape, out: Shape) -> bool:
    """Whether conv_pool_winograd handles filters (K, C, R, S) with results of size `out`."""
    return w[2] == w[3] and w[2] in (3, 5) and out[0] % 2 == 0 and out[1] % 2 == 0


class ConvolutionPooling(Layer):
    """Stands for Convolution (stride 1, no padding) [+ ReLU] + Pooling (MAX, 2 x 2, stride 2).

    Its text is the Convolution's. `blocked_bottom` and `blocked_top` say in which storage those
    blobs are; gradients are always plain.
    """

    type = "Convolution+Pooling"
    rows_independent = True
    backward_reads = ("bottoms", "params", "scratch")

    def __init__(
        self, *, relu: bool, wants_dx: bool, backward: bool, blocked_bottom: bool, blocked_top: bool
    ) -> None:
        """What was fused, and how it is joined to its neighbours."""
        self.relu = relu
        self.wants_dx = wants_dx
        self.backwards = backward
        self.blocked_bottom = blocked_bottom
        self.blocked_top = blocked_top

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """The convolution's parameters, the pooling's result, and room for both."""
        plain = layer_types.get("Convolution").plan(ctx)
        images, outputs, *out = plain.tops[0].shape
        pooled = tuple(-(-extent // 2) for extent in out)
        sizes = Sizes(images, ctx.shapes[0][1:], plain.params[0].shape, pooled)
        scratch = {"codes": Scratch(sizes.blocked_y, np.uint8)}
        if not self.blocked_bottom:
            scratch["x"] = Scratch(sizes.blocked_x)
        if not self.blocked_top:
            scratch["y"] = Scratch(sizes.blocked_y)
        if len(plain.params) == 1:
            scratch["bias"] = Scratch((outputs,))
        if self._by_winograd(sizes):
            for name in ("packed", "u", "scratch"):
                scratch[name] = _winograd_room(sizes, name)
        if self.backwards:
            scratch |= self._backward_rooms(sizes)
        top = BlobSpec((images, outputs, *pooled))
        return LayerPlan(tops=(top,), params=plain.params, scratch=scratch, facts=sizes)

    def _by_winograd(self, sizes: Sizes) -> bool:
        """Where it fits and pays; the gradient of the images needs its transformed filters."""
        out = tuple(x - r + 1 for x, r in zip(sizes.x[1:], sizes.w[2:], strict=True))
        fits = winograd_fits(sizes.w, out)
        return fits and (self.wants_dx or sizes.w[1] > _MOST_DIRECT_CHANNELS)

    def _backward_rooms(self, sizes: Sizes) -> dict[str, Scratch]:
        outputs = sizes.w[0]
        per_image = outputs * sizes.windows
        rooms = {
            "window_codes": Scratch(lambda t: (sizes.rows(t) * per_image + _SPARE_BYTES,), "u1"),
            "patches": Scratch(lambda t: (sizes.rows(t) * sizes.patches(t).sources.size,)),
            "sums": Scratch(lambda t: (sums_size(sizes.patches(t), outputs),)),
        }
        if self.relu:
            rooms["dy"] = Scratch((sizes.images, outputs, *sizes.pooled))
        if self.wants_dx:
            rooms["dy_blocked"] = Scratch(sizes.blocked_y)
            rooms["dx_blocked"] = Scratch(sizes.blocked_x)
        return rooms

    def forward(self, io: LayerIO) -> None:
        """Pooled results, and the place of each in its window."""
        x = self._blocked_bottom(io)
        if not self.blocked_bottom:
            pack(io.bottoms[0], x)
        y = io.tops[0] if self.blocked_top else io.scratch["y"]
        bias = io.params[1] if len(io.params) > 1 else io.scratch["bias"]
        codes = io.scratch["codes"]
        if "u" in io.scratch:
            conv_pool_winograd(x, io.params[0], bias, _winograd(io), codes, y, relu=self.relu)
        else:
            conv_pool_forward(x, io.params[0], bias, codes, y, relu=self.relu)
        if not self.blocked_top:
            unpack(y, io.tops[0])

    def _blocked_bottom(self, io: LayerIO) -> Array:
        return io.bottoms[0] if self.blocked_bottom else io.scratch["x"]

    def backward(self, io: LayerIO) -> None:
        """Gradients of filters, biases and images from the places alone."""
        sizes: Sizes = io.facts
        dy = io.dtops[0]
        if self.relu:
            mask_clipped(io.scratch["codes"], dy, io.scratch["dy"])
            dy = io.scratch["dy"]
        outputs, windows = sizes.w[0], sizes.windows
        views = [(dy.reshape(-1), 0, outputs, (0, outputs * windows, windows, 1))]
        if io.dparams[0] is not None:
            self._filters(io, views, io.dparams[0])
        if len(io.params) > 1 and io.dparams[1] is not None:
            bias_gradient(views, sizes.images, windows, io.dparams[1])
        if io.dbottoms[0] is not None:
            blocked = io.scratch["dy_blocked"]
            pack(dy, blocked)
            dx = io.scratch["dx_blocked"]
            winograd_images(blocked, io.scratch["codes"], _winograd(io), dx)
            unpack(dx, io.dbottoms[0])

    def _filters(self, io: LayerIO, views: list[Any], dw: Array) -> None:
        sizes: Sizes = io.facts
        plan = sizes.patches(dw.dtype)
        room = io.scratch
        codes_by_window(room["codes"], dw.reshape(-1), room["window_codes"])
        fill_patches(plan, self._blocked_bottom(io), room["patches"])
        sparse_weights(
            plan, room["patches"], room["window_codes"], views, sizes.images, room["sums"], dw
        )


def _winograd_room(sizes: Sizes, name: str) -> Scratch:
    return Scratch(lambda dtype: getattr(winograd_scratch(sizes.w, dtype), name).shape)


def _winograd(io: LayerIO) -> Winograd:
    return Winograd(io.scratch["packed"], io.scratch["u"], io.scratch["scratch"])
