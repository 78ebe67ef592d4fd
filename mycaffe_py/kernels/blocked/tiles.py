"""Tiles of sums from start to end: two blocks of outputs at two runs of pixels, or one at four."""

from __future__ import annotations

from ..inlined import inlined
from ..vectors.cache_hint import prefetch
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
def two_blocks(source, step, w, starts, offsets, channels, shift, out, runs, s, plane, ends):
    """Two blocks of outputs, the first of number out // width, at runs s and s + 1."""
    size = width(source)
    tile = first_sums(shift, out * size, _TWO, _TWO)
    first, second = starts
    y, added, least, sums = ends
    floor = splat(y, least)
    lying = (runs.outs[s] + out * plane, runs.outs[s + 1] + out * plane)
    _ask_for(y, lying, plane, _TWO)
    if added.size:
        _ask_for(added, lying, plane, _TWO)
    a, b = runs.ins[s], runs.ins[s + 1]
    for k in range(offsets.size):
        here = offsets[k]
        for c in range(channels):
            places = (a + here + c, b + here + c)
            tile = add_products(source, places, step, w, (first, second), tile)
            first += size
            second += size
    counts = (runs.counts[s], runs.counts[s + 1])
    _write(y, added, lying, counts, plane, _TWO, floor, sums, tile)


@inlined
def one_block(source, step, w, start, offsets, channels, shift, out, runs, s, plane, ends):
    """One block of outputs at runs s to s + 3."""
    size = width(source)
    tile = first_sums(shift, out * size, _FOUR, _ONE)
    a, b, c, d = runs.ins[s], runs.ins[s + 1], runs.ins[s + 2], runs.ins[s + 3]
    for k in range(offsets.size):
        here = offsets[k]
        for _ in range(channels):
            places = (a + here, b + here, c + here, d + here)
            tile = add_products(source, places, step, w, (start,), tile)
            start += size
            here += 1
    y, added, least, sums = ends
    floor = splat(y, least)
    there = out * plane
    places = (
        runs.outs[s] + there,
        runs.outs[s + 1] + there,
        runs.outs[s + 2] + there,
        runs.outs[s + 3] + there,
    )
    counts = (runs.counts[s], runs.counts[s + 1], runs.counts[s + 2], runs.counts[s + 3])
    _write(y, added, places, counts, plane, _ONE, floor, sums, tile)
