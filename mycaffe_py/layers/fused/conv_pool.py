"""Convolution, bias, ReLU and 2 x 2 max pooling as one layer.

Forward works on blocked images (kernels/conv_pool/blocks.py) and keeps the pooled values and their
places only. Backward visits those places alone, as three of four convolution outputs have no
gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mycaffe_py.kernels.conv_pool.blocks import block_count, pack, unpack
from mycaffe_py.kernels.conv_pool.conv_pool_forward import conv_pool_forward
from mycaffe_py.kernels.conv_pool.conv_pool_winograd import (
    Winograd,
    conv_pool_winograd,
    winograd_scratch,
)
from mycaffe_py.kernels.conv_pool.patches import Patches, plan_patches
from mycaffe_py.kernels.conv_pool.sparse_weights import (
    WeightScratch,
    sparse_weights,
    weight_scratch,
)
from mycaffe_py.kernels.conv_pool.winograd_images import images_scratch, winograd_images
from mycaffe_py.kernels.vectors.vector import lanes
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
from mycaffe_py.layers.bias_sums import add_bias_sums

_MOST_DIRECT_CHANNELS = 3


@lru_cache(maxsize=64)
def _patches(x_shape: Shape, kernel: Shape, dtype: str) -> Patches:
    plan: Patches = plan_patches(x_shape, kernel, np.dtype(dtype))
    return plan


@dataclass(frozen=True)
class ConvPoolSizes:
    """The sizes of one fused layer: N images (C, H, W), filters (K, C, R, S), results (P, Q)."""

    images: int
    x: Shape
    w: Shape
    pooled: Shape

    def blocked_x(self, dtype: Any) -> Shape:
        """Shape of the images in blocked storage."""
        return (block_count(self.images, dtype), *self.x, lanes(dtype))

    def blocked_y(self, dtype: Any) -> Shape:
        """Shape of the results in blocked storage."""
        return (block_count(self.images, dtype), self.w[0], *self.pooled, lanes(dtype))

    def images_scratch_shape(self, dtype: Any) -> Shape:
        """Shape of the scratch for the gradient of the images."""
        return tuple(images_scratch(self.x, self.w, dtype).shape)

    def patches(self, dtype: Any) -> Patches:
        """How the images are stored for the gradient of the filters."""
        return _patches(self.x, self.w[2:], np.dtype(dtype).str)


def winograd_fits(w: Shape, out: Shape) -> bool:
    """Whether conv_pool_winograd handles filters (K, C, R, S) with results of size `out`."""
    return w[2] == w[3] and w[2] in (3, 5) and out[0] % 2 == 0 and out[1] % 2 == 0


class ConvolutionPooling(Layer[ConvPoolSizes]):
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
        """Whether a ReLU is in it, what is wanted, and how the neighbours store their blobs."""
        self.relu = relu
        self.wants_dx = wants_dx
        self.backwards = backward
        self.blocked_bottom = blocked_bottom
        self.blocked_top = blocked_top

    def plan(self, ctx: LayerContext) -> LayerPlan[ConvPoolSizes]:
        """The convolution's parameters, the pooling's result, and scratch for both."""
        plain = layer_types.get("Convolution").plan(ctx)
        images, outputs, *out = plain.tops[0].shape
        pooled = tuple(-(-extent // 2) for extent in out)
        sizes = ConvPoolSizes(images, ctx.shapes[0][1:], plain.params[0].shape, pooled)
        scratch = {"codes": Scratch(dtype=np.uint8, shape_of=sizes.blocked_y)}
        if not self.blocked_bottom:
            scratch["x"] = Scratch(shape_of=sizes.blocked_x)
        if not self.blocked_top:
            scratch["y"] = Scratch(shape_of=sizes.blocked_y)
        if len(plain.params) == 1:
            scratch["bias"] = Scratch((outputs,), use="kept")
        if self._by_winograd(sizes):
            for name in ("packed", "u", "scratch"):
                scratch[name] = _winograd_scratch(sizes, name)
        if self.backwards:
            scratch |= self._backward_scratch(sizes)
        top = BlobSpec((images, outputs, *pooled))
        return LayerPlan(tops=(top,), params=plain.params, scratch=scratch, facts=sizes)

    def _by_winograd(self, sizes: ConvPoolSizes) -> bool:
        """Whether Winograd's method is used: where it fits and is faster.

        The gradient of the images needs its transformed filters in any case.
        """
        out = tuple(x - r + 1 for x, r in zip(sizes.x[1:], sizes.w[2:], strict=True))
        fits = winograd_fits(sizes.w, out)
        return fits and (self.wants_dx or sizes.w[1] > _MOST_DIRECT_CHANNELS)

    def shares_done(self, plan: LayerPlan[ConvPoolSizes]) -> tuple[float, float, float]:
        """Which part of the products of direct loops is really done.

        In forward, for the gradient of the filters, and for that of the images.

        Winograd takes (r + 1)^2 in place of 4 r^2 for each window of an r x r kernel; the gradient
        of the filters needs one place of the four in each window.
        """
        r = plan.facts.w[2]
        winograd = (r + 1) ** 2 / (4 * r * r)
        return (winograd if "u" in plan.scratch else 1.0), 1 / 4, winograd

    def _backward_scratch(self, sizes: ConvPoolSizes) -> dict[str, Scratch]:
        wanted = {
            "patches": _weight_scratch(sizes, "patches"),
            "plain_codes": _weight_scratch(sizes, "codes", np.uint8),
            "sums": _weight_scratch(sizes, "sums"),
        }
        if self.wants_dx:
            wanted["images"] = Scratch(shape_of=sizes.images_scratch_shape, use="backward")
        return wanted

    def forward(self, io: LayerIO[ConvPoolSizes]) -> None:
        """Make the pooled results, and note the place of each in its window."""
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

    def _blocked_bottom(self, io: LayerIO[ConvPoolSizes]) -> Array:
        return io.bottoms[0] if self.blocked_bottom else io.scratch["x"]

    def backward(self, io: LayerIO[ConvPoolSizes]) -> None:
        """Make the gradients of filters, biases and images from those places alone."""
        dy = io.dtops[0]
        own = io.scratch
        dw = io.dparams[0]
        db = io.dparams[1] if len(io.params) > 1 else None
        if db is not None and io.context.twins > 1 and not self.relu:
            add_bias_sums(dy, io.context.twins, db)
            db = None
        if dw is not None or db is not None:
            plan = io.facts.patches(dy.dtype)
            x = self._blocked_bottom(io)
            scratch = WeightScratch(own["patches"], own["plain_codes"], own["sums"])
            sparse_weights(plan, x, own["codes"], dy, scratch, dw, db, clipped=self.relu)
        if io.dbottoms[0] is not None:
            winograd_images(dy, own["codes"], own["u"], own["images"], io.dbottoms[0])


def _winograd_scratch(sizes: ConvPoolSizes, name: str) -> Scratch:
    return Scratch(shape_of=lambda dtype: getattr(winograd_scratch(sizes.w, dtype), name).shape)


def _weight_scratch(sizes: ConvPoolSizes, name: str, kind: Any = None) -> Scratch:
    def shape(dtype: Any) -> Shape:
        results = (sizes.w[0], *sizes.pooled)
        scratch = weight_scratch(sizes.patches(dtype), results, dtype)
        return tuple(getattr(scratch, name).shape)

    return Scratch(dtype=kind, shape_of=shape, use="backward")


def _winograd(io: LayerIO[ConvPoolSizes]) -> Winograd:
    return Winograd(io.scratch["packed"], io.scratch["u"], io.scratch["scratch"])
