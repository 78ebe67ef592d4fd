"""Floor 0. The loops at the heart of conv_panels.py: tiles of filters times packed panels."""

from __future__ import annotations

from .conv_write import PANELS, ROWS, ask_for_outputs, write_outputs
from .inlined import inlined
from .tile import broadcast_tile, load_tile, outer_fma, store_tile, zeros
from .vector import width

_WIDE = (0,) * PANELS
_ROWS = (0,) * ROWS
_TILE = (0,) * (ROWS * PANELS)


@inlined
def _sum_up(w, start, w_row, packed, place, wide, size, span, tile):
    """tile + ROWS rows of w from `start` on times one panel over `span` of the depth."""
    for k in range(span):
        columns = load_tile(packed, place + k * wide, size, _WIDE)
        rows = broadcast_tile(w, start + k, w_row, _ROWS)
        tile = outer_fma(rows, columns, tile)
    return tile


@inlined
def multiply_block(
    block, group, outputs, filters, packed, panels, sums, slots, outs, counts, area, ending, y_out
):
    """All channels of a group over one block of the depth; behind the last one they are written.

    block: first, length, all of the depth; packed: panels, where they begin, their step; sums:
    likewise, `slots` tiles a panel; outs, counts: where the outputs of each panel go.
    """
    right, lead, step = packed
    held, front = sums
    w, factor, shift = filters
    added, relu = ending
    size = width(right)
    wide = PANELS * size
    written = block[0] + block[1] == block[2]
    tiles = (outputs + ROWS - 1) // ROWS
    for tile in range(tiles):
        row = min(tile * ROWS, outputs - ROWS)
        channel = group * outputs + row
        start = channel * block[2] + block[0]
        for panel in range(panels):
            slot = panel * tiles + tile if slots > 1 else 0
            place = front + slot * ROWS * wide
            out = outs[3 * panel * wide :]
            if written:
                ask_for_outputs(out, counts[panel], channel, ROWS, area, y_out)
            total = zeros(right, _TILE) if block[0] == 0 else load_tile(held, place, size, _TILE)
            there = lead + panel * step
            total = _sum_up(w, start, block[2], right, there, wide, size, block[1], total)
            store_tile(held, place, size, total)
            if written:
                rows = (tile * ROWS - row, ROWS)
                write_outputs(
                    held,
                    place,
                    out,
                    counts[panel],
                    rows,
                    channel,
                    factor,
                    shift,
                    added,
                    relu,
                    area,
                    y_out,
                )
