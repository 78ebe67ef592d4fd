"""The loops at the heart of filter_gradient.py: tiles of filter places times panels of dy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..apart import apart
from ..inlined import inlined
from ..products.gemm_write import PANELS, ROWS
from ..vectors.masked import load_first, store_first
from ..vectors.register_tile import (
    broadcast_places,
    load_tile,
    outer_fma,
    part,
    scale_fma,
    square,
    store_tile,
    transpose_tile,
    zeros,
)
from ..vectors.vector import aligned_start, fma, load, splat, width

_WIDE, _WIDE_TILE = (0,) * PANELS, (0,) * (ROWS * PANELS)
_PAIR, _PAIR_TILE = (0,) * 2, (0,) * (ROWS * 2)
_NARROW, _NARROW_TILE = (0,), (0,) * ROWS


class Sizes(NamedTuple):
    """Of one convolution: its groups, and what one of them has."""

    groups: int
    channels: int
    """Channels of x in a group."""
    outputs: int
    """Channels of dy in a group."""
    rows: int
    """Filter places (c, t) of an output."""


class Lines(NamedTuple):
    """Pixels of dy as lines that are plain runs of a laid out image of x, too."""

    area: int
    """Pixels of one image."""
    length: int
    """Pixels of a line; the last of an image may have fewer."""
    per_image: int
    """How many an image has."""
    step: int
    """Elements from line to line of a laid out image."""
    image: int
    """Elements from image to image, all channels."""


class Panels(NamedTuple):
    """Panels of dy: where they lie in an array, and which lines are in them."""

    values: Any
    """Panel after panel (pixel, lane)."""
    lead: int
    """Where the first begins."""
    step: int
    """Elements from panel to panel."""
    first: int
    """Their first line."""
    last: int
    """One past their last line."""


class Sums(NamedTuple):
    """Where the sums of a group lie: (rows, columns), whole tiles and whole panels."""

    values: Any
    start: int
    rows: int
    columns: int


@apart
def pack_panel(dy, origin, number, sizes, area, pixels, place, packed_out):
    """Some pixels of a vector of outputs, from packed_out[place] on.

    dy flat (images, outputs, area), of which image `origin` is the first; number: the group and
    the first output in it; sizes: Sizes; pixels: the first and one past the last, counted over all
    images. Lanes behind the last output of a group are zeros.
    """
    size = width(dy)
    outputs = sizes.groups * sizes.outputs
    first_output = number[0] * sizes.outputs + number[1]
    output_end = (number[0] + 1) * sizes.outputs
    first, last = pixels
    pixel = first
    while pixel < last:
        image = pixel // area
        inside = pixel - image * area
        end = min(area, inside + last - pixel)
        start = ((origin + image) * outputs + first_output) * area
        there = place + (pixel - first) * size
        k = inside
        if first_output + size <= output_end:
            # Squares may read too far: that is written over, or lies behind the last pixel.
            limit = min(end, dy.size - start - (size - 1) * area - size + 1)
            while k < limit:
                turned = transpose_tile(load_tile(dy, start + k, area, square(dy)))
                store_tile(packed_out, there + (k - inside) * size, size, turned)
                k += size
        while k < end:
            for lane in range(size):
                filled = first_output + lane < output_end
                value = dy[start + lane * area + k] if filled else dy.dtype.type(0)
                packed_out[there + (k - inside) * size + lane] = value
            k += 1
        pixel += end - inside


@inlined
def _add_row(row, panels, place, adds, sums_out):
    size = width(sums_out)
    old = load_tile(sums_out, place, size, panels) if adds else zeros(sums_out, panels)
    store_tile(sums_out, place, size, scale_fma(splat(sums_out, 1), row, old))


@apart
def _multiply(x, start, starts, row, lines, packed, panel, shape, adds, sums):
    """One tile: ROWS rows from `row` on, len(shape[0]) panels from `panel` on."""
    panels, tile_like = shape
    size = width(x)
    values, there = packed.values, packed.lead + panel * packed.step
    places = (
        starts[row],
        starts[row + 1],
        starts[row + 2],
        starts[row + 3],
        starts[row + 4],
        starts[row + 5],
    )
    tile = zeros(x, tile_like)
    for line in range(packed.first, packed.last):
        image = line // lines.per_image
        inside = line - image * lines.per_image
        here = start + image * lines.image + inside * lines.step
        length = min(lines.length, lines.area - inside * lines.length)
        for k in range(length):
            columns = load_tile(values, there + k * size, packed.step, panels)
            tile = outer_fma(broadcast_places(x, places, here + k), columns, tile)
        there += length * size
    place, step, out = sums.start + row * sums.columns + panel * size, sums.columns, sums.values
    _add_row(part(tile, 0, panels), panels, place, adds, out)
    _add_row(part(tile, 1, panels), panels, place + step, adds, out)
    _add_row(part(tile, 2, panels), panels, place + 2 * step, adds, out)
    _add_row(part(tile, 3, panels), panels, place + 3 * step, adds, out)
    _add_row(part(tile, 4, panels), panels, place + 4 * step, adds, out)
    _add_row(part(tile, 5, panels), panels, place + 5 * step, adds, out)


@apart
def multiply_piece(share, x, start, starts, lines, packed, adds, sums):
    """Some of a group's tiles get (if `adds`: are added) their sums over the lines of `packed`.

    share: which piece of how many. x: laid out images, the group's channels from `start` on;
    starts (sums.rows,): where each filter place begins there; packed: Panels; lines: Lines; sums:
    Sums.
    """
    number, pieces = share
    tiles = sums.rows // ROWS
    panels = sums.columns // width(x)
    first = tiles * panels * number // pieces
    last = tiles * panels * (number + 1) // pieces
    panel = 0
    while panel < panels:
        left = panels - panel
        together = PANELS if left >= PANELS else min(left, 2)
        # A tile of several panels counts as so many; it belongs where the first of them does.
        begin = max(0, first - panel * tiles + together - 1) // together
        end = min(tiles, max(0, last - panel * tiles + together - 1) // together)
        for tile in range(begin, end):
            row = tile * ROWS
            if together == PANELS:
                shape = (_WIDE, _WIDE_TILE)
                _multiply(x, start, starts, row, lines, packed, panel, shape, adds, sums)
            elif together == 2:
                shape = (_PAIR, _PAIR_TILE)
                _multiply(x, start, starts, row, lines, packed, panel, shape, adds, sums)
            else:
                shape = (_NARROW, _NARROW_TILE)
                _multiply(x, start, starts, row, lines, packed, panel, shape, adds, sums)
        panel += together


@apart
def add_turned(sums, sizes, group, panel, dw_out):
    """Add a panel of a group's sums to dw_out, flat (outputs, rows).

    sizes: Sizes; sums.values holds a square of vectors more than the sums.
    """
    rows, outputs = sizes.rows, sizes.outputs
    size = width(dw_out)
    turned = np.empty((size + 1) * size, dw_out.dtype)
    lead = aligned_start(turned)
    for row in range(0, rows, size):
        place = sums.start + row * sums.columns + panel * size
        block = load_tile(sums.values, place, sums.columns, square(dw_out))
        store_tile(turned, lead, size, transpose_tile(block))
        count = min(size, rows - row)
        for lane in range(min(size, outputs - panel * size)):
            there = (group * outputs + panel * size + lane) * rows + row
            old = load_first(dw_out, there, count)
            new = fma(splat(dw_out, 1), load(turned, lead + lane * size), old)
            store_first(dw_out, there, new, count)
