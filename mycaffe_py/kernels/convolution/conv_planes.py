"""Images laid out so that every tap of a filter reads plain runs of memory.

With a stride (sy, sx), output (oy, ox) and tap (ky, kx) meet at row oy * sy + ky * dilation of the
padded image. Rows and columns are therefore sorted by their remainder modulo the stride, its
phase, and zeros stand where the padding is: plane (phases_y, phases_x, rows, columns) of a channel.
There the outputs of a row lie side by side, and a tap is one offset from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..jit import kernel
from ..vectors.lanes import every_second
from ..vectors.masked import load_first, store_first
from ..vectors.vector import WIDTH_BYTES, width

Pair = tuple[int, int]
# Float32 values of a cache line.
_LINE = 16


@dataclass(frozen=True)
class Planes:
    """`phases`, rows and columns `size` of each phase, and the offset of every tap (T,).

    `in_place`: one tap, no stride, no padding, so that the image is its own plane. `run`: rows and
    columns of outputs that lie side by side; one row of all where there is one tap only.
    """

    phases: Pair
    size: Pair
    offsets: npt.NDArray[np.int64]
    run: Pair
    in_place: bool

    @property
    def elements(self) -> int:
        """From one channel's plane to the next: an odd number of cache lines where laid out.

        A filter reads the same place of many channels in turn; they must not share cache sets.
        """
        plain = self.phases[0] * self.phases[1] * self.size[0] * self.size[1]
        return plain if self.in_place else (-(-plain // _LINE) | 1) * _LINE


def plan_planes(kernel: Pair, stride: Pair, pad: Pair, dilation: Pair, out: Pair) -> Planes:
    """How images are laid out for a window with `out` places."""
    reach = [(k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
    phases = [min(s, r + 1) for s, r in zip(stride, reach, strict=True)]
    size = [o + r // s for o, r, s in zip(out, reach, stride, strict=True)]
    offsets = []
    for ky in range(0, reach[0] + 1, dilation[0]):
        for kx in range(0, reach[1] + 1, dilation[1]):
            phase = ky % stride[0] * phases[1] + kx % stride[1]
            row = phase * size[0] + ky // stride[0]
            offsets.append(row * size[1] + kx // stride[1])
    alone = len(offsets) == 1
    return Planes(
        (phases[0], phases[1]),
        (size[0], size[1]),
        np.array(offsets, dtype=np.int64),
        (1, out[0] * out[1]) if alone else out,
        alone and set(stride) == {1} and not any(pad),
    )


def slack(dtype: object) -> int:
    """Elements behind the last plane that a vector may touch."""
    return int(WIDTH_BYTES // np.dtype(dtype).itemsize)  # type: ignore[call-overload]


@kernel
def _copy_every(x, start, step, count, place, planes_out):
    """planes_out[place + q] = x[start + q * step] for q < count."""
    size = width(x)
    if step == 1:
        for q in range(0, count, size):
            inside = min(size, count - q)
            store_first(planes_out, place + q, load_first(x, start + q, inside), inside)
    elif step == 2:
        for q in range(0, count, size):
            inside = min(size, count - q)
            span = 2 * inside - 1
            first = load_first(x, start + 2 * q, min(size, span))
            second = load_first(x, start + 2 * q + size, min(size, span - size))
            store_first(planes_out, place + q, every_second(first, second), inside)
    else:
        for q in range(count):
            planes_out[place + q] = x[start + q * step]


@kernel
def lay_plane(x, start, image, phases, size, stride, pad, place, planes_out):
    """Lay out one channel: x from `start` on, (H, W) = image, to planes_out from `place` on."""
    for phase in range(phases[0] * phases[1]):
        top = phase // phases[1] - pad[0]
        left = phase % phases[1] - pad[1]
        first = min(max(0, -(left // stride[1])), size[1])
        last = max(first, min(size[1], (image[1] - 1 - left) // stride[1] + 1))
        for row in range(size[0]):
            y = top + row * stride[0]
            inside = 0 <= y < image[0]
            begin = first if inside else size[1]
            for q in range(begin):
                planes_out[place + q] = 0
            if inside:
                source = start + y * image[1] + left + first * stride[1]
                _copy_every(x, source, stride[1], last - first, place + first, planes_out)
                for q in range(last, size[1]):
                    planes_out[place + q] = 0
            place += size[1]
