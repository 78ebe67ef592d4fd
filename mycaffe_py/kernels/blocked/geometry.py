"""What a blocked convolution needs to know besides its arrays, found once from its sizes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..vectors.vector import lanes
from .pixel_tile import RUN
from .storage import block_count, image_elements

Pair = tuple[int, int]
Shape = tuple[int, ...]
# Kernel, stride, pad, dilation.
Window = tuple[Pair, Pair, Pair, Pair]
# Bytes of inputs that are laid out (or gone over) at a time: they stay in the second cache.
_AT_A_TIME = 1 << 20
# Bytes of filters, and blocks of them, from which each thread takes its share of them
# rather than of the lines.
_HEAVY = 1 << 20
_ENOUGH = 16


class Geometry(NamedTuple):
    """Sizes of one convolution, for one number of lanes."""

    images: int
    rows: int
    columns: int
    """Of the input."""
    out_rows: int
    out_columns: int
    row_step: int
    column_step: int
    """The strides."""
    top: int
    left: int
    """The padding."""
    row_reach: int
    column_reach: int
    """How far taps reach within a plane of laid out inputs."""
    planar: bool
    """Whether x is as Caffe has it, (N, C, H, W), and not in blocks."""
    in_place: bool
    """Whether x is read where it lies."""
    groups: int
    blocks: int
    """Blocks of input channels of a group; channels if planar."""
    filters: int
    """Blocks of outputs of a group."""
    x_image: int
    """Elements from image to image of x, and of y."""
    y_image: int
    lines: int
    """Lines of an image, how many pixels each has, and how many lines are done at a time."""
    pixels: int
    together: int


class Plan(NamedTuple):
    """A geometry with its tables."""

    shape: Geometry
    offsets: npt.NDArray[np.int64]
    """For each tap of each block: number of the plane, row and column in it."""
    phases: npt.NDArray[np.int64]
    """For each plane of a block: the remainders of its rows and columns."""
    by_lines: bool
    """Whether threads share the lines, and not the filters."""
    work: int
    """Multiplications."""


def plan_convolution(
    x: Shape,
    y: Shape,
    window: Window,
    groups: int,
    planar: bool,
    alone: bool,
    whole: Pair,
    dtype: Any,
) -> Plan:
    """The plan for inputs (N, C, H, W) and outputs (N, K, OH, OW).

    alone: each output has one input channel. whole: channels of the arrays that x and y are part
    of.
    """
    # Where each output has one input channel, the filters of a block go along with its channels.
    depth, groups = (1, 1) if alone else (x[1] // groups, groups)
    in_place = not planar and not alone and window[:3] == ((1, 1), (1, 1), (0, 0))
    blocks = depth if planar else block_count(depth, dtype)
    filters = block_count(y[1] // groups, dtype)
    offsets, phases = _tables(window, blocks)
    reach = [d * (k - 1) // s for k, s, d in zip(window[0], window[1], window[3], strict=True)]
    lines, pixels = (-(-y[2] * y[3] // RUN), RUN) if in_place else (y[2], y[3])
    line = (pixels + reach[1]) * len(phases) * blocks * (1 if planar else lanes(dtype))
    most = max(1, _AT_A_TIME // np.dtype(dtype).itemsize // max(1, line))
    together = _evenly(x[0] * lines, most)
    x_image = whole[0] * x[2] * x[3] if planar else image_elements(whole[0], x[2], x[3], dtype)
    shape = Geometry(
        x[0], x[2], x[3], y[2], y[3], *window[1], *window[2], reach[0], reach[1], planar, in_place,
        groups, blocks, filters, x_image, image_elements(whole[1], y[2], y[3], dtype), lines,
        pixels, together,
    )  # fmt: skip
    weights = y[1] * depth * window[0][0] * window[0][1]
    heavy = weights * np.dtype(dtype).itemsize >= _HEAVY and groups * filters >= _ENOUGH
    return Plan(shape, offsets, phases, not heavy, x[0] * y[2] * y[3] * weights)


def _evenly(lines: int, most: int) -> int:
    """Lines at a time: about `most`, of which none are left over; two are one tile."""
    rounds = max(1, round(lines / most))
    each = -(-lines // rounds)
    return max(1, each + each % 2)


def _tables(window: Window, blocks: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The offsets of taps and the phases that they have (see Plan)."""
    kernel, strides, _, dilation = window
    places = [
        (row * dilation[0], column * dilation[1])
        for row in range(kernel[0])
        for column in range(kernel[1])
    ]
    phases = sorted({(row % strides[0], column % strides[1]) for row, column in places})
    numbers = {phase: number for number, phase in enumerate(phases)}
    taps = [
        (
            numbers[row % strides[0], column % strides[1]],
            row // strides[0],
            column // strides[1],
        )
        for row, column in places
    ]
    offsets = [
        (block * len(phases) + number, row, column)
        for block in range(blocks)
        for number, row, column in taps
    ]
    return np.array(offsets, np.int64).reshape(-1, 3), np.array(phases, np.int64).reshape(-1, 2)
