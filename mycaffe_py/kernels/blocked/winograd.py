"""3 x 3 convolution of pictures in blocks of channels with few products (few_products.py).

For some patches of all images at a time the points of each are found; then for each point a product
of matrices, filters by channels and channels by patches, gives the points of the outputs. Each of
these is one chain over the channels, whatever the patches at a time and the thread.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import get_num_threads, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import parallel_kernel
from ..sharing import Call, perform
from ..vectors.cache_hint import ask_for_later
from ..vectors.register_tile import square
from ..vectors.vector import aligned_start, load, maximum, splat, store, width
from ..vectors.vector_math import add
from .few_products import REACH, SIDE, to_pixels, to_points
from .pixel_tile import RUN, add_products, first_sums, store_pixels

_ONE = (0,)
_TWO = (0,) * 2
# Multiplications from which it pays to wake the other threads, which takes about 40 us.
_WORTH_SHARING = 4 << 20


class Room(NamedTuple):
    """Arrays of one thread, and elements from point to point in them."""

    points: Any
    """Of patches: (points, blocks, patches, lanes)."""
    sums: Any
    """Of a pair of blocks of outputs: (points, 2, patches, lanes)."""
    patch: Any
    half: Any
    """One patch, with its padding; and one that is done along one axis."""
    points_apart: int
    sums_apart: int


@inlined
def _place(number, shape):
    """Image, first row and first column of the outputs of a patch."""
    image = number // (shape.down * shape.across)
    inside = number - image * shape.down * shape.across
    row = inside // shape.across
    return image, row * SIDE, (inside - row * shape.across) * SIDE


@inlined
def _find_points(x, start, step, room, place):
    """The points of the patch whose rows begin at x[start + row * step]."""
    size = width(x)
    for j in range(REACH):
        to_points(x, start + j * size, step, room.half, j * size, REACH * size)
    for i in range(REACH):
        there = place + i * REACH * room.points_apart
        to_points(room.half, i * REACH * size, size, room.points, there, room.points_apart)


@inlined
def _lay_patch(x, start, row, column, shape, patch):
    """A patch with what is outside the picture as 0."""
    size = width(x)
    for i in range(REACH):
        for j in range(REACH):
            value = splat(x, 0)
            if 0 <= row + i < shape.rows and 0 <= column + j < shape.columns:
                value = load(x, start + ((row + i) * shape.columns + column + j) * size)
            store(patch, (i * REACH + j) * size, value)


@inlined
def _read(x, first, last, found, group, shape, room, lead):
    """Points of patches first ... of all blocks; what fills up the last run is read twice."""
    size = width(x)
    for p in range(found):
        image, row, column = _place(min(first + p, last - 1), shape)
        row, column = row - shape.top, column - shape.left
        inside = row >= 0 and column >= 0
        inside = inside and row + REACH <= shape.rows and column + REACH <= shape.columns
        for block in range(shape.blocks):
            number = group * shape.blocks + block
            start = image * shape.x_image + number * shape.rows * shape.columns * size
            place = lead + (block * shape.together + p) * size
            if inside:
                start += (row * shape.columns + column) * size
                _find_points(x, start, shape.columns * size, room, place)
            else:
                _lay_patch(x, start, row, column, shape, room.patch)
                _find_points(room.patch, 0, REACH * size, room, place)


@inlined
def _multiply(w, start, found, shape, point, zeros, room, leads):
    """One point of a pair of blocks of outputs at all patches."""
    source, size = room.points, width(room.points)
    wide, floor = square(source), splat(source, -np.inf)
    here = leads[0] + point * room.points_apart
    there = leads[1] + point * room.sums_apart
    plane = shape.together * size
    deep = shape.blocks * size * 2 * size
    for p in range(0, found, 2 * RUN):
        first = start
        # Few patches wait for weights longer than they take: those of the next point may come.
        later = start + deep if p == 0 else start
        if p + RUN < found:
            tile = first_sums(zeros, 0, _TWO, _TWO)
            for block in range(shape.blocks):
                a = here + block * plane + p * size
                for c in range(a, a + size):
                    places = (c, c + RUN * size)
                    ask_for_later(w, later)
                    ask_for_later(w, later + size)
                    later += 2 * size
                    tile = add_products(source, places, 0, wide, w, (first, first + size), tile)
                    first += 2 * size
            ends = (there + p * size, there + (p + RUN) * size)
            store_pixels(room.sums, ends, plane, _TWO, floor, tile)
        else:
            rest = first_sums(zeros, 0, _ONE, _TWO)
            for block in range(shape.blocks):
                a = here + block * plane + p * size
                for c in range(a, a + size):
                    ask_for_later(w, later)
                    ask_for_later(w, later + size)
                    later += 2 * size
                    rest = add_products(source, (c,), 0, wide, w, (first, first + size), rest)
                    first += 2 * size
            store_pixels(room.sums, (there + p * size,), plane, _TWO, floor, rest)


@inlined
def _write(first, last, out, part, shape, shift, added, floor, room, lead, y):
    """The outputs of patches first ... of block `out`, which is part 0 or 1 of its pair."""
    size = width(y)
    here = load(shift, out * size)
    for p in range(last - first):
        image, row, column = _place(first + p, shape)
        for j in range(REACH):
            start = lead + j * room.sums_apart + (part * shape.together + p) * size
            far = REACH * room.sums_apart
            to_pixels(room.sums, start, far, room.half, j * size, REACH * size)
        for i in range(SIDE):
            start = i * REACH * size
            to_pixels(room.half, start, size, room.patch, i * SIDE * size, size)
        target = image * shape.y_image + out * shape.out_rows * shape.out_columns * size
        for i in range(min(SIDE, shape.out_rows - row)):
            for j in range(min(SIDE, shape.out_columns - column)):
                place = target + ((row + i) * shape.out_columns + column + j) * size
                value = add(load(room.patch, (i * SIDE + j) * size), here)
                if added.size:
                    value = add(value, load(added, place))
                store(y, place, maximum(value, floor))


@apart
def _convolve_piece(number, pieces, by_patches, x, w, shift, shape, added, floor, y):
    """Part `number` of the patches, or of the pairs of blocks of outputs."""
    size = width(x)
    count = REACH * REACH
    # An odd number of cache lines, or points would share cache sets.
    apart = ((shape.blocks * shape.together | 1) * size, (2 * shape.together | 1) * size)
    room = Room(
        np.empty(count * apart[0] + size, x.dtype),
        np.empty(count * apart[1] + size, x.dtype),
        np.empty(count * size, x.dtype),
        np.empty(count * size, x.dtype),
        apart[0],
        apart[1],
    )
    leads = (aligned_start(room.points), aligned_start(room.sums))
    zeros = np.zeros(2 * size, x.dtype)
    least = splat(y, floor)
    patches, pairs = shape.images * shape.down * shape.across, (shape.filters + 1) // 2
    runs, span = (patches + RUN - 1) // RUN, shape.groups * pairs
    begin = runs * number // pieces * RUN if by_patches else 0
    end = min(patches, runs * (number + 1) // pieces * RUN) if by_patches else patches
    begin_pair = 0 if by_patches else span * number // pieces
    end_pair = span if by_patches else span * (number + 1) // pieces
    deep = shape.blocks * size * 2 * size
    for first in range(begin, end, shape.together):
        last = min(end, first + shape.together)
        found = (last - first + RUN - 1) // RUN * RUN
        ready = -1
        for pair in range(begin_pair, end_pair):
            group = pair // pairs
            if group != ready:
                _read(x, first, last, found, group, shape, room, leads[0])
            ready = group
            for point in range(count):
                start = (pair * count + point) * deep
                _multiply(w, start, found, shape, point, zeros, room, leads)
            block = 2 * (pair - group * pairs)
            for part in range(min(2, shape.filters - block)):
                out = group * shape.filters + block + part
                _write(first, last, out, part, shape, shift, added, least, room, leads[1], y)


@parallel_kernel
def _convolve(pieces, by_patches, x, w, shift, shape, added, floor, y):
    """Convolve in `pieces`: ranges of patches, or of pairs of blocks of outputs."""
    for number in prange(pieces):
        _convolve_piece(np.int64(number), pieces, by_patches, x, w, shift, shape, added, floor, y)


def convolve_patches(x, w, shift, plan, added, relu, y):
    """Convolve x to y, both flat (storage.py): w * x + shift (+ added), rectified if `relu`.

    w: packed by pack_points, factors of the channels in it; shift: a value for each lane of the
    outputs; added: flat, lies like y, or is empty; plan: patches.Plan.
    """
    perform(convolve_patches_call(x, w, shift, plan, added, relu, y))


def convolve_patches_call(x, w, shift, plan, added, relu, y) -> Call:
    """What `convolve_patches` calls."""
    pieces = get_num_threads() if plan.work >= _WORTH_SHARING else 1
    floor = x.dtype.type(0 if relu else -np.inf)
    arguments = (pieces, plan.by_patches, x, w, shift, plan.shape, added, floor, y)
    return Call(_convolve, arguments, pieces)
