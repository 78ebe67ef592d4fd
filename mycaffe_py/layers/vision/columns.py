"""Pictures as a matrix of columns, one for each place of a window.

Filters are applied by one product with that matrix.

Shared by the layers that slide windows; about 1 MiB of columns is made at once, or of small
pictures as many as make a product worth its while.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mycaffe_py.kernels.convolution import im2col as kernels
from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.layers.vision.sliding_window import SlidingWindow

_ELEMENTS = 1 << 18
"""1 MiB in float32: columns then stay in the cache between the copy and the product."""

_PLACES = 384
"""With fewer columns a product spends its time on laying out the filters, not on multiplying."""

_TABLE_AXES = 3


@dataclass(frozen=True)
class Columns:
    """How `rows` pictures of `channels` become columns, `chunk` pictures at a time.

    Up to two axes have kernels of their own; more have a table of places.
    """

    rows: int
    channels: int
    sizes: Shape
    out: Shape
    window: SlidingWindow
    chunk: int

    @property
    def tabled(self) -> bool:
        """Whether a table of places is needed."""
        return len(self.sizes) >= _TABLE_AXES

    @cached_property
    def table(self) -> npt.NDArray[np.int64]:
        """The places, made when they are first asked for.

        There is a number for each tap and each output, so no plan may hold it: for a cube of 600
        pixels it takes 43 GiB.
        """
        return places(self.window, self.sizes, self.out)

    @property
    def lines(self) -> int:
        """Height of the columns: channels times taps."""
        return self.channels * math.prod(self.window.kernel)

    @property
    def area(self) -> int:
        """How many columns one picture has."""
        return math.prod(self.out)

    def parts(self) -> list[slice]:
        """The rows of each chunk, in order."""
        starts = range(0, self.rows, self.chunk)
        return [slice(start, min(start + self.chunk, self.rows)) for start in starts]

    def pictures(self, x: Array) -> Array:
        """x as (N, C, H, W), missing axes being 1; as (N, C, all) where there is a table."""
        if self.tabled:
            return x.reshape(self.rows, self.channels, math.prod(self.sizes))
        return x.reshape(self.rows, self.channels, *self.picture_sizes)

    @property
    def picture_sizes(self) -> tuple[int, int]:
        """Height and width, missing axes being 1. Errors: there is a table."""
        return _two(self.sizes, 1)

    def gather(self, x: Array, columns_out: Array) -> None:
        """Write the columns (lines, n * area) of n pictures."""
        if self.tabled:
            kernels.gather_columns(x, self.table, columns_out)
        else:
            kernels.im2col(x, *self.plane(), columns_out)

    def scatter(self, columns: Array, dx: Array) -> None:
        """Overwrite n pictures with the sums of the column elements that came from each place."""
        if self.tabled:
            kernels.scatter_columns(columns, self.table, dx)
        else:
            kernels.col2im(columns, *self.plane(), dx)

    def plane(self) -> list[tuple[int, int]]:
        """Kernel, stride, pad, dilation and output size for two axes."""
        window = self.window
        return [
            _two(window.kernel, 1),
            _two(window.stride, 1),
            _two(window.pad, 0),
            _two(window.dilation, 1),
            _two(self.out, 1),
        ]


def columns_of(
    rows: int, channels: int, sizes: Shape, out: Shape, window: SlidingWindow
) -> Columns:
    """Plan the columns of (rows, channels, *sizes) seen through `window` at `out` places."""
    area = math.prod(out)
    one = channels * math.prod(window.kernel) * area
    wanted = max(_ELEMENTS // max(1, one), -(-_PLACES // max(1, area)))
    chunk = max(1, min(rows, wanted))
    return Columns(rows, channels, sizes, out, window, chunk)


def places(window: SlidingWindow, sizes: Shape, out: Shape) -> npt.NDArray[np.int64]:
    """Table (T, P): where in a flattened picture tap t lies at output p; -1 outside."""
    table = np.zeros((1, 1), dtype=np.int64)
    inside = np.ones((1, 1), dtype=np.bool_)
    for axis, size in enumerate(sizes):
        taps = np.arange(window.kernel[axis]) * window.dilation[axis] - window.pad[axis]
        place = taps[:, None] + np.arange(out[axis]) * window.stride[axis]
        within = (place >= 0) & (place < size)
        shape = (table.shape[0] * place.shape[0], table.shape[1] * place.shape[1])
        table = (table[:, None, :, None] * size + place[None, :, None, :]).reshape(shape)
        inside = (inside[:, None, :, None] & within[None, :, None, :]).reshape(shape)
    return np.where(inside, table, -1)


def _two(values: Shape, filler: int) -> tuple[int, int]:
    first, second = (filler,) * (2 - len(values)) + values
    return first, second
