"""Convolution of pictures in blocks of channels; see pixel_tile.py for the tile in registers.

For some lines at a time the inputs are laid out by the thread that needs them (lines.py); then
every tile of filters runs over them. Each output is one chain of multiplications and additions over
input channel block, tap and channel, whatever the tile, the lines at a time and the thread.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import get_num_threads, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.register_tile import square
from ..vectors.vector import aligned_start, width
from .lines import Runs, find_runs, lay_lines
from .pixel_tile import RUN
from .tiles import one_block, two_blocks

_ONE = (0,)
# Multiplications from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 4 << 20


class Filters(NamedTuple):
    """Packed weights, and the first value of all sums of an output."""

    w: Any
    shift: Any
    depth: int
    """Elements of a block of outputs in w."""
    blocks: int
    """Blocks of outputs of a group."""


@inlined
def _room(like, shape, planes):
    """Memory for laid out inputs of `planes` planes a block, columns and elements of a plane."""
    size = width(like)
    pixel = 1 if shape.planar else size
    columns = shape.out_columns + shape.column_reach
    rows = shape.together + (shape.together // shape.lines + 2) * shape.row_reach
    # An odd number of cache lines, or planes would share cache sets.
    plane = (rows * columns * pixel // size + 1 | 1) * size
    room = 0 if shape.in_place else shape.blocks * planes * plane + 2 * RUN * size
    return np.empty(room + size, like.dtype), columns, plane


@inlined
def _find_taps(offsets, base, plane, columns, pixel, taps_out):
    """How far from a pixel's place each tap of each block reads."""
    for k in range(taps_out.size):
        number, row, column = offsets[k, 0], offsets[k, 1], offsets[k, 2]
        taps_out[k] = base + number * plane + (row * columns + column) * pixel


# What a tile is made for is compiled when a net first needs it: most need two of these four.
@apart
def _two_at_pixels(source, w, starts, taps, shift, out, runs, found, plane, ends):
    """Two output blocks at all runs of pictures as Caffe has them."""
    two_blocks(source, _ONE, w, starts, taps, 1, shift, out, runs, found, plane, ends)


@apart
def _one_at_pixels(source, w, starts, taps, shift, out, runs, found, plane, ends):
    """One output block, the first of `starts`."""
    one_block(source, _ONE, w, starts[0], taps, 1, shift, out, runs, found, plane, ends)


@apart
def _two_at_blocks(source, w, starts, taps, shift, out, runs, found, plane, ends):
    """Two output blocks at all runs of pictures in blocks of channels."""
    size = width(source)
    wide = square(source)
    two_blocks(source, wide, w, starts, taps, size, shift, out, runs, found, plane, ends)


@apart
def _one_at_blocks(source, w, starts, taps, shift, out, runs, found, plane, ends):
    """One output block, the first of `starts`."""
    size = width(source)
    wide = square(source)
    one_block(source, wide, w, starts[0], taps, size, shift, out, runs, found, plane, ends)


@inlined
def _multiply(source, planar, filters, group, pair, taps, runs, found, plane, ends):
    """A pair of output blocks of a group, or its last block, at all runs."""
    block = 2 * pair
    out = group * filters.blocks + block
    start = out * filters.depth
    starts = (start, start + filters.depth)
    w, shift = filters.w, filters.shift
    if planar:
        if block + 1 < filters.blocks:
            _two_at_pixels(source, w, starts, taps, shift, out, runs, found, plane, ends)
        else:
            _one_at_pixels(source, w, starts, taps, shift, out, runs, found, plane, ends)
    elif block + 1 < filters.blocks:
        _two_at_blocks(source, w, starts, taps, shift, out, runs, found, plane, ends)
    else:
        _one_at_blocks(source, w, starts, taps, shift, out, runs, found, plane, ends)


@apart
def _convolve_piece(number, pieces, by_lines, x, w, shift, offsets, phases, shape, added, floor, y):
    """Part `number` of the lines, or of the pairs of output blocks."""
    size = width(x)
    pixel = 1 if shape.planar else size
    laid, columns, plane = _room(x, shape, phases.shape[0])
    lead = aligned_start(laid)
    source = x if shape.in_place else laid
    most = shape.together * ((shape.pixels + RUN - 1) // RUN) + 3
    runs = Runs(np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64))
    taps = np.empty(offsets.shape[0], np.int64)
    y_plane = shape.out_rows * shape.out_columns * size
    ends = (y, added, floor, np.empty(4 * RUN * size, x.dtype))
    depth = offsets.shape[0] * pixel * size
    filters = Filters(w, shift, depth, shape.filters)
    pairs = (shape.filters + 1) // 2
    lines, span = shape.images * shape.lines, shape.groups * pairs
    # Two lines are one tile, so none is parted.
    line = 2 * ((lines + 1) // 2 * number // pieces) if by_lines else 0
    end = min(lines, 2 * ((lines + 1) // 2 * (number + 1) // pieces)) if by_lines else lines
    begin_pair = 0 if by_lines else span * number // pieces
    end_pair = span if by_lines else span * (number + 1) // pieces
    for first in range(line, end, shape.together):
        last = min(end, first + shape.together)
        found = find_runs(first, last, shape, (lead, columns * pixel, size, pixel), runs)
        ready = -1
        for pair in range(begin_pair, end_pair):
            group = pair // pairs
            if group != ready and shape.in_place:
                _find_taps(offsets, group * shape.blocks * y_plane, y_plane, 0, 0, taps)
            elif group != ready:
                lay_lines(x, first, last, shape, group, phases, plane, columns, laid, lead)
                _find_taps(offsets, 0, plane, columns, pixel, taps)
            ready = group
            _multiply(
                source, shape.planar, filters, group, pair - group * pairs, taps, runs, found,
                y_plane, ends,
            )  # fmt: skip


@parallel_kernel
def _convolve(pieces, by_lines, x, w, shift, offsets, phases, shape, added, floor, y):
    """Convolve in `pieces`: ranges of lines, or of pairs of output blocks."""
    for number in prange(pieces):
        _convolve_piece(
            np.int64(number),
            pieces,
            by_lines,
            x,
            w,
            shift,
            offsets,
            phases,
            shape,
            added,
            floor,
            y,
        )


def convolve(x, w, shift, plan, added, relu, y):
    """Convolve x to y, both flat (storage.py): w * x + shift (+ added), rectified if `relu`.

    w: packed by filters.py, factors of the channels in it; shift: a value for each lane of the
    outputs; added: flat, lies like y, or is empty; plan: BlockedPlan.
    """
    perform(convolve_call(x, w, shift, plan, added, relu, y))


def convolve_call(x, w, shift, plan, added, relu, y) -> Call:
    """What `convolve` calls."""
    shape = plan.shape
    pieces = get_num_threads() if plan.work >= _WORTH_SHARING else 1
    arguments = (
        pieces,
        plan.by_lines,
        x,
        w,
        shift,
        plan.offsets,
        plan.phases,
        shape,
        added,
        x.dtype.type(0 if relu else -np.inf),
        y,
    )
    return Call(_convolve, arguments, pieces)
