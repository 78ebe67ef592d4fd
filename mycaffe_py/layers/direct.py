"""Floor 3. Convolution forward without a matrix of columns, and what can follow at once."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.conv_panels import convolve, images_together
from mycaffe_py.kernels.conv_planes import Pair, Planes, plan_planes, slack
from mycaffe_py.kernels.conv_write import ROWS
from mycaffe_py.kernels.depthwise import depthwise
from mycaffe_py.layers.base import Array, Scratch, Shape
from mycaffe_py.layers.columns import Columns


@dataclass(frozen=True)
class Direct:
    """How the images of one convolution are laid out; `depthwise`: one input channel an output."""

    planes: Planes
    stride: Pair
    pad: Pair
    groups: int
    images: int
    channels: int
    depthwise: bool

    def scratch(self, outputs: int) -> dict[str, Scratch]:
        """Rooms for the laid out images and for factor and shift of every output channel."""

        def planes(dtype: object) -> Shape:
            together = min(self.images, images_together(self.planes, self.channels))
            return (together * self.channels * self.planes.elements + slack(dtype),)

        rooms = {"ends": Scratch((2, outputs))}
        if not self.depthwise and not self.planes.in_place:
            rooms["planes"] = Scratch(shape_of=planes)
        return rooms

    def run(
        self,
        x: Array,
        w: Array,
        ends: Array,
        added: Array | None,
        relu: bool,
        room: Array | None,
        y_out: Array,
    ) -> None:
        """y = ends[0] * (w * x) + ends[1] (+ added), rectified if `relu`; 4-D arrays."""
        factor, shift = ends
        extra = y_out[:0] if added is None else added
        if self.depthwise:
            planes, stride, pad = self.planes, self.stride, self.pad
            depthwise(x, w, planes, stride, pad, factor, shift, extra, relu, y_out)
        else:
            convolve(
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
                x.reshape(-1)[:0] if room is None else room,
                y_out,
            )


def direct_of(columns: Columns, outputs: int, groups: int) -> Direct | None:
    """None where the kernels do not fit: three axes and more, or few outputs of many inputs."""
    if columns.tabled or not columns.rows * columns.area:
        return None
    alone = columns.channels == groups
    if not alone and outputs // groups < ROWS:
        return None
    kernel, stride, pad, dilation, out = columns.plane()
    planes = plan_planes(kernel, stride, pad, dilation, out)
    return Direct(planes, stride, pad, groups, columns.rows, columns.channels, alone)
