"""Convolution without a matrix of columns: forward, and where it is depthwise backward, too.

The same pass can scale and shift the result, add another blob to it and rectify it.
"""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.convolution.conv_panels import convolve_call, images_together
from mycaffe_py.kernels.convolution.conv_planes import Pair, Planes, plan_planes, slack
from mycaffe_py.kernels.convolution.conv_write import ROWS
from mycaffe_py.kernels.convolution.depthwise import depthwise_call
from mycaffe_py.kernels.convolution.depthwise_gradient import depthwise_filters, depthwise_inputs
from mycaffe_py.kernels.sharing import Call, perform
from mycaffe_py.layers.base import Array, Scratch, Shape
from mycaffe_py.layers.vision.columns import Columns


@dataclass(frozen=True)
class Direct:
    """How the images of one convolution are laid out.

    `depthwise`: each output has one input channel.
    """

    planes: Planes
    stride: Pair
    pad: Pair
    groups: int
    images: int
    channels: int
    depthwise: bool

    def scratch(self, outputs: int) -> dict[str, Scratch]:
        """Arrays for the laid out images, and for factor and shift of every output channel."""

        def planes(dtype: object) -> Shape:
            together = min(self.images, images_together(self.planes, self.channels))
            return (together * self.channels * self.planes.elements + slack(dtype),)

        wanted = {"ends": Scratch((2, outputs))}
        if not self.depthwise and not self.planes.in_place:
            wanted["planes"] = Scratch(shape_of=planes)
        return wanted

    def run(
        self,
        x: Array,
        w: Array,
        ends: Array,
        added: Array | None,
        relu: bool,
        laid_out: Array | None,
        y_out: Array,
    ) -> None:
        """y = ends[0] * (w * x) + ends[1] (+ added), rectified if `relu`; 4-D arrays."""
        perform(self.call(x, w, (ends[0], ends[1]), added, relu, laid_out, y_out))

    def call(
        self,
        x: Array,
        w: Array,
        ends: tuple[Array, Array],
        added: Array | None,
        relu: bool,
        laid_out: Array | None,
        y_out: Array,
    ) -> Call:
        """What `run` calls."""
        factor, shift = ends
        extra = y_out[:0] if added is None else added
        if self.depthwise:
            planes, stride, pad = self.planes, self.stride, self.pad
            return depthwise_call(x, w, planes, stride, pad, factor, shift, extra, relu, y_out)
        return convolve_call(
            x,
            w,
            self.groups,
            self.planes,
            self.stride,
            self.pad,
            factor,
            shift,
            extra,
            relu,
            x.reshape(-1)[:0] if laid_out is None else laid_out,
            y_out,
        )

    def backward(self, x: Array, dy: Array, w: Array, dw: Array | None, dx: Array | None) -> None:
        """Of a depthwise convolution: add to dw, and overwrite dx."""
        if dw is not None:
            depthwise_filters(x, dy, self.planes, self.stride, self.pad, dw)
        if dx is not None:
            depthwise_inputs(dy, w, self.planes, self.stride, self.pad, dx)


def direct_of(columns: Columns, outputs: int, groups: int) -> Direct | None:
    """How the images are laid out.

    None where the kernels do not fit: for three axes and more, or few outputs of many inputs.
    """
    if columns.tabled or not columns.rows * columns.area:
        return None
    alone = columns.channels == groups
    if not alone and outputs // groups < ROWS:
        return None
    kernel, stride, pad, dilation, out = columns.plane()
    planes = plan_planes(kernel, stride, pad, dilation, out)
    return Direct(planes, stride, pad, groups, columns.rows, columns.channels, alone)
