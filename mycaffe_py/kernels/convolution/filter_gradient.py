"""What the filters of a convolution get, without a matrix of columns.

dw[o, c, t] += sum over n, p of dy[n, o, p] x[n, c, p at tap t]. The lanes of a vector are
outputs: of DEPTH pixels at a time dy is turned into panels (pixel, lane). A tile is ROWS filter
places (c, t) times up to PANELS of them; x is read where it lies in images laid out by
conv_planes.py, each number spread over a vector. Every sum goes over the pixels from first to last,
in blocks of about DEPTH, whichever thread makes it.
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from ..inlined import inlined
from ..jit import parallel_kernel
from ..products.gemm_write import ROWS
from ..sharing import call_on
from ..vectors.vector import aligned_start, lanes, width
from .conv_panels import images_together
from .conv_planes import Planes, lay_plane, slack
from .filter_tiles import Lines, Panels, Sizes, Sums, add_turned, multiply_piece, pack_panel

DEPTH = 1024
# Multiplications from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 4 << 20


@inlined
def _panel_step(pixels, lane):
    """Elements from panel to panel: room for a square that reaches too far, and an odd number of
    cache lines, or panels would share cache sets.
    """
    return ((pixels + lane) | 1) * lane


@inlined
def _pixels_before(line, lines):
    image = line // lines.per_image
    return image * lines.area + min(lines.area, (line - image * lines.per_image) * lines.length)


@inlined
def _starts(rows, plane, offsets):
    """Where each filter place begins in a laid out image, filled up to whole tiles."""
    starts = np.empty((rows + ROWS - 1) // ROWS * ROWS, np.int64)
    for row in range(starts.size):
        # Rows behind the last are computed like it, and used by nobody.
        real = min(row, rows - 1)
        starts[row] = real // offsets.size * plane + offsets[real % offsets.size]
    return starts


@inlined
def _sums_of(group, starts, panels, lane, sums):
    """Where those of a group lie."""
    columns = panels * lane
    return Sums(sums, aligned_start(sums) + group * starts.size * columns, starts.size, columns)


@parallel_kernel
def _filters(
    pieces, together, block, x, layout, offsets, dy, lines, sizes, scratch, arrays, dw_out
):
    image, phases, size, stride, pad, plane = layout
    channels, outputs = sizes.groups * sizes.channels, sizes.groups * sizes.outputs
    packed, sums = arrays
    lane = width(x)
    panels = (sizes.outputs + lane - 1) // lane
    starts = _starts(sizes.rows, plane, offsets)
    in_place = scratch.size == 0
    source = x if in_place else scratch
    lead, step = aligned_start(packed), _panel_step(block * lines.length, lane)
    total = dy.size // (outputs * lines.area)
    for first in range(0, total, together):
        images = min(together, total - first)
        for item in prange(0 if in_place else images * channels):
            number = np.int64(item)
            start = (first * channels + number) * image[0] * image[1]
            lay_plane(x, start, image, phases, size, stride, pad, number * plane, scratch)
        origin = first * channels * plane if in_place else 0
        for line in range(0, images * lines.per_image, block):
            last = min(line + block, images * lines.per_image)
            pixels = _pixels_before(line, lines), _pixels_before(last, lines)
            for group in range(sizes.groups):
                for item in prange(panels):
                    place = lead + np.int64(item) * step
                    number = group, np.int64(item) * lane
                    pack_panel(dy, first, number, sizes, lines.area, pixels, place, packed)
                for piece in prange(pieces):
                    share = np.int64(piece), pieces
                    here = Panels(packed, lead, step, line, last)
                    there = _sums_of(group, starts, panels, lane, sums)
                    start = origin + group * sizes.channels * plane
                    adds = first + line > 0
                    multiply_piece(share, source, start, starts, lines, here, adds, there)
    for item in prange(sizes.groups * panels):
        group = np.int64(item) // panels
        there = _sums_of(group, starts, panels, lane, sums)
        add_turned(there, sizes, group, np.int64(item) - group * panels, dw_out)


def lines_of(planes: Planes, channels: int) -> Lines:
    """How the pixels of dy lie in images of so many channels, laid out as `planes`."""
    rows, columns = planes.run
    area, step = rows * columns, planes.size[1]
    if rows == 1:
        rows = -(-area // DEPTH)
        columns = step = -(-area // rows)
    return Lines(area, columns, rows, step, channels * planes.elements)


def _block(lines: Lines, images: int) -> int:
    """Lines at a time."""
    return min(images * lines.per_image, max(1, DEPTH // lines.length))


def scratch_sizes(
    planes: Planes, images: int, groups: int, channels: int, outputs: int, dtype: object
) -> tuple[int, int, int]:
    """Elements of the laid out images, of the panels and of the sums that `filters` needs.

    For x of `channels` and dy of `outputs` channels.
    """
    lane, lines = lanes(dtype), lines_of(planes, channels)
    together = min(images, images_together(planes, channels))
    laid_out = 0 if planes.in_place else together * lines.image + slack(dtype)
    panels = -(-outputs // groups // lane)
    pixels = _block(lines, images) * lines.length
    rows = -(-channels // groups * planes.offsets.size // ROWS) * ROWS
    # Behind the last sums a square may reach too far.
    sums = (groups * rows + lane + 1) * panels * lane
    return laid_out, panels * _panel_step.py_func(pixels, lane) + lane, sums


def filters(x, dy, groups, planes, stride, pad, scratch, dw_out):
    """Add to dw_out (K, C / groups, KH, KW) what dy (N, K, OH, OW) and x (N, C, H, W) make of it.

    scratch: arrays of `scratch_sizes`. All of one dtype and contiguous.
    """
    laid_out, packed, sums = scratch
    images, channels = x.shape[:2]
    outputs = dy.shape[1]
    lines = lines_of(planes, channels)
    sizes = Sizes(groups, channels // groups, outputs // groups, dw_out[0].size)
    work = dy.size * dw_out[0].size
    pieces = get_num_threads() if work >= _WORTH_SHARING else 1
    together = images if planes.in_place else min(images, images_together(planes, channels))
    call_on(
        pieces,
        _filters,
        pieces,
        together,
        _block(lines, images),
        x.reshape(-1),
        (x.shape[2:], planes.phases, planes.size, stride, pad, planes.elements),
        planes.offsets,
        dy.reshape(-1),
        lines,
        sizes,
        laid_out[:0] if planes.in_place else laid_out,
        (packed, sums),
        dw_out.reshape(-1),
    )
