"""What a panel of conv_panels.py is copied from, and where its outputs go.

A panel is PANELS vectors of outputs.
"""

from __future__ import annotations

from typing import NamedTuple

from ..inlined import inlined
from ..vectors.masked import load_first, store_first
from ..vectors.register_tile import load_tile, store_tile
from ..vectors.vector import width
from .conv_write import PANELS

_WIDE = (0,) * PANELS


class Geometry(NamedTuple):
    """Sizes of the images x, laid out as planes, and of the outputs y."""

    channels: int
    """Channels of x."""
    outputs: int
    """Channels of y."""
    area: int
    """Outputs of one channel."""
    columns: int
    """Outputs that lie side by side in a row."""
    row_step: int
    """Elements from row to row of a plane."""
    plane: int
    """Elements from plane to plane."""


@inlined
def find_runs(first, last, wide, panel_step, geometry, runs_out):
    """Runs of memory that outputs first ... last - 1 come from; returns how many.

    Triples: place in the panels, which are panel_step apart; place in channel 0; length.
    """
    area, columns = geometry.area, geometry.columns
    image_step = geometry.channels * geometry.plane
    found = 0
    column = first
    while column < last:
        image = column // area
        pixel = column - image * area
        row = pixel // columns
        inside = pixel - row * columns
        along = (column - first) % wide
        panel = (column - first) // wide
        runs_out[3 * found] = panel * panel_step + along
        runs_out[3 * found + 1] = image * image_step + row * geometry.row_step + inside
        runs_out[3 * found + 2] = min(min(columns - inside, last - column), wide - along)
        column += runs_out[3 * found + 2]
        found += 1
    return found


@inlined
def find_outputs(first, last, wide, origin, geometry, outs_out, counts_out):
    """For each panel the runs of y, at most `wide` triples, and how many there are.

    Triples: column in the panel; place in channel 0 of y, which begins at `origin`; length.
    """
    channels, area = geometry.outputs, geometry.area
    for panel in range((last - first + wide - 1) // wide):
        start = first + panel * wide
        end = min(last, start + wide)
        column = start
        number = 0
        while column < end:
            image = column // area
            pixel = column - image * area
            place = 3 * (panel * wide + number)
            outs_out[place] = column - start
            outs_out[place + 1] = origin + image * channels * area + pixel
            outs_out[place + 2] = min(area - pixel, end - column)
            column += outs_out[place + 2]
            number += 1
        counts_out[panel] = number


@inlined
def pack_whole(source, start, channels, taps, plane, runs, panels, packed_out, lead):
    """One tap where every panel is one run: channel after channel, so that long runs are read."""
    size = width(source)
    wide = PANELS * size
    for channel in range(channels):
        for panel in range(panels):
            here = start + channel * plane + runs[3 * panel + 1]
            there = lead + runs[3 * panel] + channel * taps * wide
            store_tile(packed_out, there, size, load_tile(source, here, size, _WIDE))


@inlined
def pack_runs(source, start, channels, offsets, plane, runs, found, packed_out, lead):
    """Run after run: short ones, as of a 7 x 7 image, then cost no more than a load and a store."""
    size = width(source)
    step = offsets.size * PANELS * size
    for run in range(found):
        for v in range(0, runs[3 * run + 2], size):
            inside = min(size, runs[3 * run + 2] - v)
            for tap in range(offsets.size):
                here = start + offsets[tap] + runs[3 * run + 1] + v
                there = lead + runs[3 * run] + v + tap * PANELS * size
                for channel in range(channels):
                    value = load_first(source, here + channel * plane, inside)
                    store_first(packed_out, there + channel * step, value, inside)
