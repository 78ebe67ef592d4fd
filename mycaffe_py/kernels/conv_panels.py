"""Floor 0. Convolution of pictures as a product whose right side is packed as it is needed.

y[n, o, p] = factor[o] * sum over c, t of w[o, c, t] x[n, c, p at tap t] + shift[o] (+ added),
rectified if wished. A panel is PANELS vectors of outputs, of one image or of several in a row; for
DEPTH (c, t) at a time its inputs are copied side by side from images laid out by conv_planes.py,
and every tile of ROWS channels runs over them while they are in the cache. No matrix of columns
exists. Each output is one chain of multiplications and additions over (c, t) from first to last,
whatever the tile, the block and the thread.
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange

from .conv_multiply import multiply_block
from .conv_pack import find_outputs, find_runs, pack_runs, pack_whole
from .conv_planes import Planes, lay_plane
from .conv_write import PANELS, ROWS
from .jit import kernel, parallel_kernel
from .sharing import call_on
from .vector import aligned_start, width

DEPTH = 640
# Elements of the laid out images of one round: what stays in the second cache until it is packed.
ROUND = 1 << 19
# Panels that are multiplied with a tile's filters in turn, while these are in the nearest cache.
_TOGETHER = 4
# Multiplications from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 4 << 20


@kernel
def _multiply_piece(
    number, pieces, source, origin, images, geometry, offsets, filters, groups, ending, y_out
):
    """Part `number` of the panels of `images` images; origin: where they begin in source and y."""
    channels, outputs, area, _, _, plane = geometry
    wide = PANELS * width(source)
    taps = offsets.size
    depth = channels // groups * taps
    deep = min(depth, max(1, DEPTH // taps) * taps)
    columns = images * area
    panels = (columns + wide - 1) // wide
    slots = (outputs // groups + ROWS - 1) // ROWS if depth > deep else 1
    # An odd number of lines, or panels would share cache sets.
    step = (deep * PANELS + 1 - deep * PANELS % 2) * width(source)
    packed = np.empty(_TOGETHER * step + wide, source.dtype)
    sums = np.empty((_TOGETHER * slots * ROWS + 2) * wide, source.dtype)
    lead, front = aligned_start(packed), aligned_start(sums)
    runs = np.empty(3 * _TOGETHER * wide, np.int64)
    outs = np.empty(3 * _TOGETHER * wide, np.int64)
    counts = np.empty(_TOGETHER, np.int64)
    unit = groups * panels * number // pieces
    last_unit = groups * panels * (number + 1) // pieces
    while unit < last_unit:
        group = unit // panels
        first = (unit - group * panels) * wide
        together = min(min(_TOGETHER, last_unit - unit), panels - first // wide)
        last = min(columns, first + together * wide)
        found = find_runs(first, last, wide, step, geometry, runs)
        find_outputs(first, last, wide, origin[1], geometry, outs, counts)
        whole = found == together and last - first == together * wide
        if last - first < together * wide:
            packed[:] = 0  # or what lies there might be slow to multiply
        for k in range(0, depth, deep):
            span = min(deep, depth - k)
            start = origin[0] + (group * (channels // groups) + k // taps) * plane
            if whole:
                for tap in range(taps):
                    pack_whole(
                        source,
                        start + offsets[tap],
                        span // taps,
                        taps,
                        plane,
                        runs,
                        together,
                        packed,
                        lead + tap * wide,
                    )
            else:
                pack_runs(source, start, span // taps, offsets, plane, runs, found, packed, lead)
            multiply_block(
                (k, span, depth),
                group,
                outputs // groups,
                filters,
                (packed, lead, step),
                together,
                (sums, front),
                slots,
                outs,
                counts,
                area,
                ending,
                y_out,
            )
        unit += together


@parallel_kernel
def _convolve(
    pieces,
    together,
    x,
    image,
    in_place,
    layout,
    geometry,
    offsets,
    filters,
    groups,
    ending,
    room,
    y_out,
):
    """Lay out and multiply `together` images after the other."""
    phases, size, stride, pad = layout
    channels, outputs, area, _, _, plane = geometry
    total = y_out.size // (outputs * area)
    for first in range(0, total, together):
        images = min(together, total - first)
        place = first * outputs * area
        if in_place:
            for piece in prange(pieces):
                _multiply_piece(
                    np.int64(piece),
                    pieces,
                    x,
                    (first * channels * plane, place),
                    images,
                    geometry,
                    offsets,
                    filters,
                    groups,
                    ending,
                    y_out,
                )
        else:
            for item in prange(images * channels):
                number = np.int64(item)
                start = (first * channels + number) * image[0] * image[1]
                lay_plane(x, start, image, phases, size, stride, pad, number * plane, room)
            for piece in prange(pieces):
                _multiply_piece(
                    np.int64(piece),
                    pieces,
                    room,
                    (0, place),
                    images,
                    geometry,
                    offsets,
                    filters,
                    groups,
                    ending,
                    y_out,
                )


def images_together(planes: Planes, channels: int) -> int:
    """Images that are laid out at a time."""
    return max(1, ROUND // max(1, planes.elements * channels))


def convolve(x, w, groups, planes, stride, pad, factor, shift, added, relu, room, y_out):
    """Convolve x (N, C, H, W) with w (K, C / groups, KH, KW) to y_out (N, K, OH, OW).

    factor, shift (K,); added: an array like y_out, or an empty one; room: elements of
    `images_together` images laid out, and `slack` more (unused where planes.in_place). K / groups
    is at least ROWS. All of one dtype and contiguous.
    """
    rows, channels = x.shape[:2]
    outputs, area = y_out.shape[1], y_out.shape[2] * y_out.shape[3]
    work = y_out.size * (channels // groups) * planes.offsets.size
    pieces = get_num_threads() if work >= _WORTH_SHARING else 1
    call_on(
        pieces,
        _convolve,
        pieces,
        rows if planes.in_place else min(rows, images_together(planes, channels)),
        x.reshape(-1),
        x.shape[2:],
        planes.in_place,
        (planes.phases, planes.size, stride, pad),
        (channels, outputs, area, planes.run[1], planes.size[1], planes.elements),
        planes.offsets,
        (w.reshape(-1), factor, shift),
        groups,
        (added.reshape(-1), relu),
        room,
        y_out.reshape(-1),
    )
