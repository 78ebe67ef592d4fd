"""Pooling, SPP and ROIPooling, with Caffe's rounding up and its way of counting padding.

Caffe's last window may reach behind the padded picture. Here the far padding is made as wide as
that window needs, so that ONNX needs no rounding of its own (ceil_mode, which its versions read
differently). For a mean Caffe counts the padding it was told of but nothing behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.export.onnx.onnx_net import Attribute
from mycaffe_py.export.onnx.translator import FLOAT, Site, translates
from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.layers.vision.sliding_window import SlidingWindow, pooling_window
from mycaffe_py.proto.mycaffe_pb2 import PoolingParameter


@dataclass(frozen=True)
class _Grid:
    """A window over pictures of these sizes, so many times on each axis."""

    window: SlidingWindow
    sizes: Shape
    times: Shape

    @property
    def far(self) -> Shape:
        """Padding at the far end that the last window needs."""
        each = zip(
            self.sizes, self.times, self.window.kernel, self.window.stride, self.window.pad,
            strict=True,
        )  # fmt: skip
        return tuple(max(0, (n - 1) * s + k - size - p) for size, n, k, s, p in each)

    @property
    def attributes(self) -> dict[str, Attribute]:
        """Of MaxPool and AveragePool."""
        return {
            "kernel_shape": self.window.kernel,
            "strides": self.window.stride,
            "pads": (*self.window.pad, *self.far),
        }

    def counted(self) -> Array:
        """(OH, OW): how many pixels Caffe divides by, padding included, what is behind left out."""
        each = zip(
            self.sizes, self.times, self.window.kernel, self.window.stride, self.window.pad,
            strict=True,
        )  # fmt: skip
        rows, columns = (
            np.minimum(np.arange(n) * s - p + k, size + p) - (np.arange(n) * s - p)
            for size, n, k, s, p in each
        )
        return np.outer(rows, columns)


@translates("Pooling")
def pooling(at: Site) -> None:
    """MaxPool or AveragePool; the places of maxima as numbers within their picture."""
    sizes = (at.length(at.bottoms[0], 2), at.length(at.bottoms[0], 3))
    window = pooling_window(at.node.context, sizes)
    maximum = at.options.pooling_param.pool == PoolingParameter.MAX
    times = (at.length(at.tops[0], 2), at.length(at.tops[0], 3))
    whole = window.kernel == sizes and times == (1, 1) and window.pad == (0, 0)
    if whole and len(at.y) == 1:
        at.op("GlobalMaxPool" if maximum else "GlobalAveragePool", at.x[0], out=at.y[0])
    elif len(at.y) == 1:
        _pooled(at, _Grid(window, sizes, times), maximum, at.y[0])
    else:
        places = at.fresh("places")
        at.ops(
            "MaxPool", at.x[0], out=(at.y[0], places),
            **_Grid(window, sizes, times).attributes,
        )  # fmt: skip
        inside = at.op("Mod", places, at.whole(sizes[0] * sizes[1]))
        at.op("Cast", inside, out=at.y[1], to=FLOAT)


@translates("ROIPooling")
def roi_pooling(at: Site) -> None:
    """MaxRoiPool, which rounds regions as Caffe's fork does."""
    regions = at.x[1]
    if len(at.bottoms[1]) > 2:
        regions = at.op("Reshape", regions, at.whole(-1, 5))
    at.op(
        "MaxRoiPool", at.x[0], regions, out=at.y[0],
        pooled_shape=at.facts.grid, spatial_scale=at.facts.scale,
    )  # fmt: skip


@translates("SPP")
def spp(at: Site) -> None:
    """The levels one behind the other."""
    sizes = (at.length(at.bottoms[0], 2), at.length(at.bottoms[0], 3))
    windows: tuple[SlidingWindow, ...] = at.facts.windows
    if len(windows) == 1:
        _pooled(at, _Grid(windows[0], sizes, (1, 1)), at.facts.maximum, at.y[0])
        return
    levels = []
    for level, window in enumerate(windows):
        grid = _Grid(window, sizes, (2**level, 2**level))
        levels.append(at.op("Flatten", _pooled(at, grid, at.facts.maximum), axis=1))
    at.op("Concat", *levels, out=at.y[0], axis=1)


def _pooled(at: Site, grid: _Grid, maximum: bool, out: str = "") -> str:
    if maximum:
        return at.op("MaxPool", at.x[0], out=out, **grid.attributes)
    counted = grid.counted()
    full = int(np.prod(grid.window.kernel))
    if grid.window.pad == (0, 0):
        return at.op("AveragePool", at.x[0], out=out, **grid.attributes)
    if (counted == full).all():
        return at.op("AveragePool", at.x[0], out=out, **grid.attributes, count_include_pad=1)
    mean = at.op("AveragePool", at.x[0], out="", **grid.attributes, count_include_pad=1)
    return at.op("Mul", mean, at.constant(full / counted, "counted"), out=out)
