"""The loops at the heart of conv_panels.py: tiles of filters times packed panels."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..inlined import inlined
from ..vectors.register_tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from ..vectors.vector import width
from .conv_write import PANELS, ROWS, ask_for_outputs, write_outputs

_WIDE = (0,) * PANELS
_ROWS = (0,) * ROWS
_TILE = (0,) * (ROWS * PANELS)


class Filters(NamedTuple):
    """Weights w, flat, and what the sums of each output channel are multiplied by and added to."""

    w: Any
    factor: Any
    shift: Any


class Ending(NamedTuple):
    """What happens to the outputs at last: an array is added, unless it is empty; ReLU."""

    added: Any
    relu: bool


class Block(NamedTuple):
    """The part of the depth that is multiplied at a time: its first, its length, all the depth."""

    first: int
    length: int
    depth: int


class Scratch(NamedTuple):
    """What one thread works on: packed panels, sums, and the places that panels belong to."""

    packed: Any
    """Inputs of the panels, from `lead` on, `step` elements from panel to panel."""
    lead: int
    step: int
    sums: Any
    """Sums from `front` on: one tile, or in several blocks of depth all tiles of each panel."""
    front: int
    runs: Any
    """Where the panels' inputs come from (conv_pack.find_runs)."""
    outs: Any
    """Where the panels' outputs go (conv_pack.find_outputs), and how many runs of them."""
    counts: Any


@inlined
def _sum_up(w, start, w_row, packed, place, wide, size, span, tile):
    """tile + ROWS rows of w from `start` on times one panel over `span` of the depth."""
    for k in range(span):
        columns = load_tile(packed, place + k * wide, size, _WIDE)
        rows = broadcast_tile(w, start + k, w_row, _ROWS)
        tile = outer_fma(rows, columns, tile)
    return tile


@inlined
def multiply_block(block, group, outputs, filters, scratch, panels, area, ending, y_out):
    """All channels of a group over one block of the depth; behind the last one they are written.

    block: Block; filters: Filters; scratch: Scratch, which holds `panels` panels; ending: Ending.
    """
    right, lead, step = scratch.packed, scratch.lead, scratch.step
    held, front = scratch.sums, scratch.front
    outs, counts = scratch.outs, scratch.counts
    w, factor, shift = filters
    ends = (factor, shift)
    size = width(right)
    wide = PANELS * size
    written = block.first + block.length == block.depth
    # Sums that wait for the next block lie apart, those of one tile of channels alone, too.
    in_blocks = block.length < block.depth
    tiles = (outputs + ROWS - 1) // ROWS
    for tile in range(tiles):
        row = min(tile * ROWS, outputs - ROWS)
        channel = group * outputs + row
        start = channel * block.depth + block.first
        for panel in range(panels):
            slot = panel * tiles + tile if in_blocks else 0
            place = front + slot * ROWS * wide
            out = outs[3 * panel * wide :]
            if written:
                ask_for_outputs(out, counts[panel], channel, ROWS, area, y_out)
            total = zeros(right, _TILE) if block.first == 0 else load_tile(held, place, size, _TILE)
            there = lead + panel * step
            total = _sum_up(w, start, block.depth, right, there, wide, size, block.length, total)
            store_tile(held, place, size, total)
            if written:
                rows = (tile * ROWS - row, ROWS)
                number = counts[panel]
                write_outputs(held, place, out, number, rows, channel, ends, ending, area, y_out)
