"""Floor 0. The inner loop of sparse_weights: patches at the maxima of images, for one channel.

The element where a patch starts comes from the table `places`, entry 4 * window + code. Computed
instead, it would become branches that no processor foresees. A `grid` holds counting tuples: rows,
columns, spacing (grid.py), and copies: few sums alone would wait for each addition, so as many
windows as there are copies add to sums of their own.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from .grid import add_tiles, grid_places, load_grid, store_grid
from .jit import kernel
from .vector import (
    VectorType,
    element_pointer,
    fma_value,
    load_value,
    position_value,
    splat_value,
    width,
)

_ONE = (0,)


@intrinsic
def _no_visits(typingctx, array, grid):  # type: ignore[no-untyped-def]
    """Zero vectors: rows x columns x copies."""
    rows, columns, _, copies = (len(counting) for counting in grid)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return context.get_constant_null(signature.return_type)

    return types.UniTuple(VectorType(array.dtype), rows * columns * copies)(array, grid), codegen


@intrinsic
def _folded(typingctx, tile, grid):  # type: ignore[no-untyped-def]
    """The copies of a tile added up."""
    rows, columns, _, copies = (len(counting) for counting in grid)
    size = rows * columns

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vectors = unpack_tuple(builder, args[0])
        totals = vectors[:size]
        for first in range(size, size * copies, size):
            pairs = zip(totals, vectors[first : first + size], strict=True)
            totals = [builder.fadd(total, vector) for total, vector in pairs]
        return context.make_tuple(builder, signature.return_type, totals)

    return types.UniTuple(tile.dtype, size)(tile, grid), codegen


@intrinsic
def _visit(typingctx, x, start, row_step, places, entry, codes, dy, number, grid, copies, tile):  # type: ignore[no-untyped-def]
    """tile + dy * patch for the windows `number`, `number` + 1, ..., one for each of `copies`.

    start: where the image lies in x; entry: 4 * the first window's number within the image.
    """
    rows, columns, spacing, _ = (len(counting) for counting in grid)
    shape = (rows, columns, spacing * VectorType(x.dtype).count)
    windows = len(copies)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kinds = signature.args
        begin, stride, first, element = (
            position_value(context, builder, args[i], kinds[i]) for i in (1, 2, 4, 7)
        )

        def read(which: int, place: Any) -> Any:
            return builder.load(element_pointer(context, builder, kinds[which], args[which], place))

        vectors = unpack_tuple(builder, args[10])
        for window in range(windows):
            place = builder.add(element, ir.Constant(element.type, window))
            code = builder.zext(read(5, place), first.type)
            row = builder.add(first, ir.Constant(first.type, 4 * window))
            patch = builder.add(begin, read(3, builder.add(row, code)))
            factor = splat_value(builder, read(6, place), shape[2] // spacing)
            points = grid_places(builder, patch, stride, shape)
            for i, point in enumerate(points, start=window * rows * columns):
                loaded = load_value(context, builder, kinds[0], args[0], point)
                vectors[i] = fma_value(builder, factor, loaded, vectors[i])
        return context.make_tuple(builder, signature.return_type, vectors)

    signature = tile(x, start, row_step, places, entry, codes, dy, number, grid, copies, tile)
    return signature, codegen


@kernel
def visit(x, first, steps, places, codes, dy, number, counts, grid, target, sums_out):
    """sums += dy * patch, over all windows of some images and one channel k.

    first: where the first image starts in x, number: where its codes and dy do; steps: elements
    from image to image of x, from row to row of the grid, from image to image of codes and dy;
    counts: images, windows; target: where the sums start.
    """
    rows, columns, _, copies = grid
    together = len(copies)
    whole = counts[1] - counts[1] % together
    row = steps[1]
    tile = _no_visits(x, grid)
    for image in range(counts[0]):
        start = first + image * steps[0]
        here = number + image * steps[2]
        for window in range(0, whole, together):
            entry, place = 4 * window, here + window
            tile = _visit(x, start, row, places, entry, codes, dy, place, grid, copies, tile)
        for window in range(whole, counts[1]):
            entry, place = 4 * window, here + window
            tile = _visit(x, start, row, places, entry, codes, dy, place, grid, _ONE, tile)
    sums_row = len(columns) * width(x)
    old = load_grid(sums_out, target, sums_row, rows, columns, _ONE)
    new = add_tiles(old, _folded(tile, grid))
    store_grid(sums_out, target, sums_row, rows, columns, _ONE, new)
