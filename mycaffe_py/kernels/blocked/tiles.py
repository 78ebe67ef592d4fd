"""Tiles of sums from start to end: two blocks of outputs at two runs of pixels, or one at four."""

from __future__ import annotations

from ..inlined import inlined
from ..vectors.cache_hint import ask_for_later, prefetch
from ..vectors.register_tile import store_tile
from ..vectors.vector import load, maximum, splat, store, width
from ..vectors.vector_math import add
from .pixel_tile import RUN, add_pixels, add_products, first_sums, store_pixels

_ONE = (0,)
_TWO = (0,) * 2
_FOUR = (0,) * 4


@inlined
def _write(y, added, places, counts, plane, outputs, floor, sums, tile):
    """Write a tile: from registers where all of its pixels count."""
    if min(counts) == RUN:
        if added.size:
            tile = add_pixels(added, places, plane, outputs, tile)
        store_pixels(y, places, plane, outputs, floor, tile)
    else:
        size = width(y)
        store_tile(sums, 0, size, tile)
        for run in range(len(counts)):
            for i in range(counts[run]):
                for o in range(len(outputs)):
                    place = places[run] + i * size + o * plane
                    value = load(sums, ((run * RUN + i) * len(outputs) + o) * size)
                    if added.size:
                        value = add(value, load(added, place))
                    store(y, place, maximum(value, floor))


@inlined
def _ask_for(array, places, plane, outputs):
    """Have the lines near that a tile is about to be written to, or added from."""
    size = width(array)
    for run in range(len(places)):
        for i in range(RUN):
            for o in range(len(outputs)):
                prefetch(array, places[run] + i * size + o * plane)


@inlined
def _two(source, step, w, starts, offsets, channels, shift, out, places, outs, counts, plane, ends):
    """Two blocks of outputs at the runs that are read at `places` and written at `outs`.

    starts: of the weights of both blocks, and of those to ask for while these are used.
    """
    size = width(source)
    tile = first_sums(shift, out * size, counts, _TWO)
    first, second, later = starts
    y, added, least, sums = ends
    floor = splat(y, least)
    _ask_for(y, outs, plane, _TWO)
    if added.size:
        _ask_for(added, outs, plane, _TWO)
    for k in range(offsets.size):
        here = offsets[k]
        for c in range(channels):
            ask_for_later(w, later)
            tile = add_products(source, places, here + c, step, w, (first, second), tile)
            first += size
            second += size
            later += size
    _write(y, added, outs, counts, plane, _TWO, floor, sums, tile)


@inlined
def two_blocks(source, step, w, starts, offsets, channels, shift, out, runs, found, plane, ends):
    """Two blocks of outputs, the first of number out // width, at all of the `found` runs.

    While the first two tiles are made, the weights of the next two blocks come into the second
    cache, each of them while one tile is: few pixels wait for weights longer than they take.
    """
    first, second = starts
    there = out * plane
    for s in range(0, found - 1, 2):
        later = second + (s // 2 + 1) * (second - first) if s < 4 else first
        places = (runs.ins[s], runs.ins[s + 1])
        outs = (runs.outs[s] + there, runs.outs[s + 1] + there)
        counts = (runs.counts[s], runs.counts[s + 1])
        _two(
            source, step, w, (first, second, later), offsets, channels, shift, out, places, outs,
            counts, plane, ends,
        )  # fmt: skip
    if found % 2:
        s = found - 1
        places, outs, counts = (runs.ins[s],), (runs.outs[s] + there,), (runs.counts[s],)
        _two(
            source, step, w, (first, second, first), offsets, channels, shift, out, places, outs,
            counts, plane, ends,
        )  # fmt: skip


@inlined
def one_block(source, step, w, start, offsets, channels, shift, out, runs, found, plane, ends):
    """One block of outputs at all runs, which are filled up to a multiple of 4."""
    size = width(source)
    y, added, least, sums = ends
    floor = splat(y, least)
    there = out * plane
    for s in range(0, found, 4):
        tile = first_sums(shift, out * size, _FOUR, _ONE)
        ins = (runs.ins[s], runs.ins[s + 1], runs.ins[s + 2], runs.ins[s + 3])
        place = start
        for k in range(offsets.size):
            here = offsets[k]
            for c in range(channels):
                tile = add_products(source, ins, here + c, step, w, (place,), tile)
                place += size
        outs = (
            runs.outs[s] + there,
            runs.outs[s + 1] + there,
            runs.outs[s + 2] + there,
            runs.outs[s + 3] + there,
        )
        counts = (runs.counts[s], runs.counts[s + 1], runs.counts[s + 2], runs.counts[s + 3])
        _write(y, added, outs, counts, plane, _ONE, floor, sums, tile)
