"""Floor 0. The inner loop of sparse_weights: patches at the maxima of one image and one channel.

Element numbers come from the table `offsets`: of the PLACES places in a window (the last for a
clipped one), then of each window. Computed instead, they would become branches that no processor
foresees. `grid` holds counting tuples: rows, columns, spacing (grid.py).
"""

from __future__ import annotations

from .grid import add_tiles, load_grid, store_grid
from .inlined import inlined
from .tile import scale_fma, zeros
from .vector import broadcast, element, width

PLACES = 5
_NEXT = (0,)


@inlined
def visit(x, start, grid_row, offsets, codes, dy, place, windows, grid, target, sums_out):
    """sums += dy * patch, over all windows of one image and one channel k.

    grid_row: elements from row to row of the grid; place: where codes and dy of the image and
    channel start; target: where its sums start.
    """
    rows, columns, spacing = grid
    sums_row = len(columns) * width(x)
    tile = load_grid(sums_out, target, sums_row, rows, columns, _NEXT)
    for window in range(windows):
        inside = element(offsets, element(codes, place + window))
        first = start + inside + element(offsets, PLACES + window)
        patch = load_grid(x, first, grid_row, rows, columns, spacing)
        tile = scale_fma(broadcast(dy, place + window), patch, tile)
    store_grid(sums_out, target, sums_row, rows, columns, _NEXT, tile)


@inlined
def visit_pairs(x, start, grid_row, offsets, codes, dy, place, windows, grid, target, sums_out):
    """What `visit` does, two windows at a time: few sums alone would wait for each addition."""
    rows, columns, spacing = grid
    sums_row = len(columns) * width(x)
    tile = load_grid(sums_out, target, sums_row, rows, columns, _NEXT)
    other = zeros(x, tile)
    for window in range(0, windows - 1, 2):
        inside = element(offsets, element(codes, place + window))
        first = start + inside + element(offsets, PLACES + window)
        patch = load_grid(x, first, grid_row, rows, columns, spacing)
        tile = scale_fma(broadcast(dy, place + window), patch, tile)
        inside = element(offsets, element(codes, place + window + 1))
        first = start + inside + element(offsets, PLACES + window + 1)
        patch = load_grid(x, first, grid_row, rows, columns, spacing)
        other = scale_fma(broadcast(dy, place + window + 1), patch, other)
    tile = add_tiles(tile, other)
    store_grid(sums_out, target, sums_row, rows, columns, _NEXT, tile)
    if windows % 2 == 1:
        final = windows - 1
        rest = start + element(offsets, PLACES + final)
        visit(x, rest, grid_row, offsets, codes, dy, place + final, 1, grid, target, sums_out)
