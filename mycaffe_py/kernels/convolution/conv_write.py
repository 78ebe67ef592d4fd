"""How the sums of conv_panels.py reach the output: epilogue, then NCHW."""

from __future__ import annotations

from ..inlined import inlined
from ..vectors.cache_hint import prefetch
from ..vectors.masked import load_first, store_first
from ..vectors.vector import REGISTERS, fma, load, maximum, splat, store, width

# 8 x 3 sums of 32 registers, 4 x 3 of 16. Channels mostly come in multiples of 16, so that
# no row of a tile is idle.
ROWS = 8 if REGISTERS == 32 else 4
PANELS = 3


@inlined
def ask_for_outputs(runs, count, row, rows, area, y_out):
    """Have the lines near that a tile is about to be written to."""
    size = width(y_out)
    for run in range(count):
        for i in range(rows):
            place = runs[3 * run + 1] + (row + i) * area
            for v in range(0, runs[3 * run + 2], size):
                prefetch(y_out, place + v)


@inlined
def finish(value, added, adds, relu, place, count, like):
    """ReLU of the value plus what stands in `added`; a NaN stays NaN."""
    if adds:
        value = fma(splat(like, 1), load_first(added, place, count), value)
    if relu:
        value = maximum(value, splat(like, 0))
    return value


@inlined
def write_outputs(sums, start, runs, count, rows, first, factors, ending, area, y_out):
    """Rows rows[0] to rows[1] - 1 of a tile that begins at sums[start].

    The tile's row i is channel first + i. y = factor * sum + shift (+ added), rectified. factors:
    factor and shift of each channel; ending: added and whether to rectify. runs: `count` triples of
    column in the tile, place in channel 0 of y, and length.
    """
    factor, shift = factors
    added, relu = ending
    size = width(y_out)
    adds = added.size > 0
    for i in range(rows[0], rows[1]):
        scale = splat(y_out, factor[first + i])
        offset = splat(y_out, shift[first + i])
        for run in range(count):
            source = start + i * PANELS * size + runs[3 * run]
            place = runs[3 * run + 1] + (first + i) * area
            length = runs[3 * run + 2]
            for v in range(0, length, size):
                inside = min(size, length - v)
                value = fma(scale, load(sums, source + v), offset)
                value = finish(value, added, adds, relu, place + v, inside, y_out)
                if inside == size:
                    store(y_out, place + v, value)
                else:
                    store_first(y_out, place + v, value, inside)
