"""Convolution of pictures as a product whose right side is packed as it is needed.

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

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.vector import aligned_start, width
from .conv_multiply import Block, Ending, Filters, Scratch, multiply_block
from .conv_pack import Geometry, find_outputs, find_runs, pack_runs, pack_whole
from .conv_planes import Planes, lay_plane
from .conv_write import PANELS, ROWS

DEPTH = 640
# Elements of the laid out images of one round: what stays in the second cache until it is packed.
ROUND = 1 << 19
# Panels that are multiplied with a tile's filters in turn, while these are in the nearest cache.
_TOGETHER = 4
# Multiplications from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 4 << 20


@inlined
def _scratch(like, deep, slots):
    """Arrays for _TOGETHER panels over `deep` of the depth, with room for `slots` tiles of each."""
    size = width(like)
    wide = PANELS * size
    # An odd number of lines, or panels would share cache sets.
    step = (deep * PANELS + 1 - deep * PANELS % 2) * size
    packed = np.empty(_TOGETHER * step + wide, like.dtype)
    sums = np.empty((_TOGETHER * slots * ROWS + 2) * wide, like.dtype)
    return Scratch(
        packed,
        aligned_start(packed),
        step,
        sums,
        aligned_start(sums),
        np.empty(3 * _TOGETHER * wide, np.int64),
        np.empty(3 * _TOGETHER * wide, np.int64),
        np.empty(_TOGETHER, np.int64),
    )


@inlined
def _pack(source, start, span, offsets, plane, whole, together, found, scratch):
    """Copy the inputs of some panels; `whole`: each panel is one run, none is cut off."""
    packed, lead, runs = scratch.packed, scratch.lead, scratch.runs
    taps = offsets.size
    channels = span // taps
    if whole:
        for tap in range(taps):
            here, there = start + offsets[tap], lead + tap * PANELS * width(source)
            pack_whole(source, here, channels, taps, plane, runs, together, packed, there)
    else:
        pack_runs(source, start, channels, offsets, plane, runs, found, packed, lead)


@apart
def _multiply_piece(
    number, pieces, source, starts, images, geometry, offsets, filters, groups, ending, y_out
):
    """Part `number` of the panels of `images` images; starts: where they begin in source and y."""
    taps, plane = offsets.size, geometry.plane
    depth = geometry.channels // groups * taps
    outputs = geometry.outputs // groups
    deep = min(depth, max(1, DEPTH // taps) * taps)
    wide = PANELS * width(source)
    columns = images * geometry.area
    panels = (columns + wide - 1) // wide
    scratch = _scratch(source, deep, (outputs + ROWS - 1) // ROWS if depth > deep else 1)
    unit = groups * panels * number // pieces
    last_unit = groups * panels * (number + 1) // pieces
    while unit < last_unit:
        group = unit // panels
        first = (unit - group * panels) * wide
        together = min(min(_TOGETHER, last_unit - unit), panels - first // wide)
        last = min(columns, first + together * wide)
        found = find_runs(first, last, wide, scratch.step, geometry, scratch.runs)
        find_outputs(first, last, wide, starts[1], geometry, scratch.outs, scratch.counts)
        full = last - first == together * wide
        if not full:
            scratch.packed[:] = 0  # or what lies there might be slow to multiply
        whole = full and found == together
        for k in range(0, depth, deep):
            block = Block(k, min(deep, depth - k), depth)
            start = starts[0] + (group * (geometry.channels // groups) + k // taps) * plane
            _pack(source, start, block.length, offsets, plane, whole, together, found, scratch)
            multiply_block(
                block, group, outputs, filters, scratch, together, geometry.area, ending, y_out
            )
        unit += together


@parallel_kernel
def _convolve(
    pieces, together, x, image, layout, geometry, offsets, filters, groups, ending, scratch, y_out
):
    """Lay out and multiply `together` images, one after the other.

    Where `scratch` is empty, x is used as it lies.
    """
    phases, size, stride, pad = layout
    channels, plane = geometry.channels, geometry.plane
    per_image = geometry.outputs * geometry.area
    total = y_out.size // per_image
    in_place = scratch.size == 0
    source = x if in_place else scratch
    for first in range(0, total, together):
        images = min(together, total - first)
        starts = (first * channels * plane if in_place else 0, first * per_image)
        for item in prange(0 if in_place else images * channels):
            number = np.int64(item)
            start = (first * channels + number) * image[0] * image[1]
            lay_plane(x, start, image, phases, size, stride, pad, number * plane, scratch)
        for piece in prange(pieces):
            _multiply_piece(
                np.int64(piece),
                pieces,
                source,
                starts,
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


def convolve(x, w, groups, planes, stride, pad, factor, shift, added, relu, scratch, y_out):
    """Convolve x (N, C, H, W) with w (K, C / groups, KH, KW) to y_out (N, K, OH, OW).

    factor, shift (K,); added: an array like y_out, or an empty one; scratch: elements of
    `images_together` images laid out, and `slack` more (unused where planes.in_place). K / groups
    is at least ROWS. All of one dtype and contiguous.
    """
    ends = factor, shift, added, relu
    perform(convolve_call(x, w, groups, planes, stride, pad, *ends, scratch, y_out))


def convolve_call(
    x, w, groups, planes, stride, pad, factor, shift, added, relu, scratch, y_out
) -> Call:
    """What `convolve` calls."""
    rows, channels = x.shape[:2]
    outputs, area = y_out.shape[1], y_out.shape[2] * y_out.shape[3]
    work = y_out.size * (channels // groups) * planes.offsets.size
    pieces = get_num_threads() if work >= _WORTH_SHARING else 1
    arguments = (
        rows if planes.in_place else min(rows, images_together(planes, channels)),
        x.reshape(-1),
        x.shape[2:],
        (planes.phases, planes.size, stride, pad),
        Geometry(channels, outputs, area, planes.run[1], planes.size[1], planes.elements),
        planes.offsets,
        Filters(w.reshape(-1), factor, shift),
        groups,
        Ending(added.reshape(-1), relu),
        scratch[:0] if planes.in_place else scratch,
        y_out.reshape(-1),
    )
    return Call(_convolve, (pieces, *arguments), pieces)
