"""What a convolution tells its inputs, as a convolution of its own: no matrix of columns.

With stride 1, dx[n, c, p] = sum over o, t of w[o, c, t] dy[n, o, p + pad - t * dilation]: the
filters turned around, slid over dy with dilation * (kernel - 1) - pad zeros around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mycaffe_py.kernels.convolution.conv_planes import plan_planes
from mycaffe_py.kernels.convolution.conv_write import ROWS
from mycaffe_py.kernels.convolution.turned import turn_filters
from mycaffe_py.layers.base import Array, Scratch
from mycaffe_py.layers.vision.columns import Columns
from mycaffe_py.layers.vision.direct_convolution import Direct

_NAMES = {"ends": "gradient_ends", "planes": "gradient_planes"}


@dataclass(frozen=True)
class DirectGradient:
    """`over`: how the convolution of dy runs; `filters`: how many values those of forward have."""

    over: Direct
    channels: int
    filters: int

    def scratch(self) -> dict[str, Scratch]:
        """Arrays for the turned filters, and for what a convolution needs."""
        wanted = {
            _NAMES[name]: Scratch(one.shape, shape_of=one.shape_of, use="backward")
            for name, one in self.over.scratch(self.channels).items()
        }
        return wanted | {"turned": Scratch((self.filters,), use="backward")}

    def prepare(self, w: Array, scratch: Mapping[str, Array]) -> None:
        """Turn the filters around, once for all bottoms of a batch."""
        turn_filters(w, self.over.groups, scratch["turned"])
        ends = scratch[_NAMES["ends"]]
        ends[0], ends[1] = 1, 0

    def run(self, dy: Array, w: Array, scratch: Mapping[str, Array], dx_out: Array) -> None:
        """Overwrite dx_out (N, C, H, W) by what dy (N, K, OH, OW) makes of it."""
        turned = scratch["turned"].reshape(self.channels, -1, *w.shape[2:])
        planes = scratch.get(_NAMES["planes"])
        self.over.run(dy, turned, scratch[_NAMES["ends"]], None, False, planes, dx_out)


def direct_gradient_of(columns: Columns, outputs: int, groups: int) -> DirectGradient | None:
    """How dx is made, or None where no convolution of dy gives it: with strides, for instance."""
    channels = columns.channels
    if columns.tabled or not columns.rows * columns.area:
        return None
    if channels // groups < ROWS:
        return None
    kernel, stride, pad, dilation, _ = columns.plane()
    around = [gap * (size - 1) - one for gap, size, one in zip(dilation, kernel, pad, strict=True)]
    if stride != (1, 1) or min(around) < 0:
        return None
    pads = (around[0], around[1])
    planes = plan_planes(kernel, stride, pads, dilation, columns.picture_sizes)
    over = Direct(planes, stride, pads, groups, columns.rows, outputs, False)
    return DirectGradient(over, channels, outputs * channels // groups * kernel[0] * kernel[1])
