"""The inner loop of sparse_weights: it sums the patches at the maxima of images, for one channel.

The element where a patch starts comes from the table `places`, entry 4 * window + code. Computed
instead, it would become branches that no processor foresees.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import types
from numba.core.cgutils import ir, unpack_tuple
from numba.extending import intrinsic

from ..apart import apart
from ..vectors.grid import add_tiles, grid_places, load_grid, store_grid
from ..vectors.vector import (
    VectorType,
    element_pointer,
    fma_value,
    load_value,
    position_value,
    splat_value,
    width,
)

_ONE = (0,)


class Block(NamedTuple):
    """One block of images and of what their max pool wrote; every array is flat."""

    patches: Any
    """The images in patch storage (patches.py)."""
    places: Any
    """Where in an image a patch starts: entry 4 * window + code."""
    codes: Any
    """Place of the maximum in each window: bytes (images, K, windows)."""
    dy: Any
    """Gradient of each maximum, (images, K, windows)."""


class Grid(NamedTuple):
    """The vectors of a patch in one plane, as counting tuples (kernels/vectors/grid.py)."""

    rows: Any
    columns: Any
    spacing: Any
    copies: Any
    """Few sums alone would wait for each addition: so many windows add to sums of their own."""


class Steps(NamedTuple):
    """Elements from one image or row to the next."""

    image: int
    """From image to image of the patches."""
    row: int
    """From row to row of the grid."""
    pooled: int
    """From image to image of codes and dy."""


class Starts(NamedTuple):
    """Elements where the first image, its codes and gradients, and the sums begin."""

    patches: int
    pooled: int
    sums: int


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
def _visit(typingctx, block, start, row_step, entry, pooled, grid, copies, tile):  # type: ignore[no-untyped-def]
    """tile + dy * patch for as many windows in turn as there are `copies`.

    start: where the image lies in the patches; entry: 4 * the first window's number within the
    image; pooled: where the first window's code and gradient stand.
    """
    rows, columns, spacing, _ = (len(counting) for counting in grid)
    kinds = dict(zip(block.fields, block.types, strict=True))
    shape = (rows, columns, spacing * VectorType(kinds["patches"].dtype).count)
    windows = len(copies)

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        arrays = dict(zip(block.fields, unpack_tuple(builder, args[0]), strict=True))
        begin, stride, first, element = (
            position_value(context, builder, args[i], signature.args[i]) for i in (1, 2, 3, 4)
        )

        def read(name: str, place: Any) -> Any:
            pointer = element_pointer(context, builder, kinds[name], arrays[name], place)
            return builder.load(pointer)

        vectors = unpack_tuple(builder, args[7])
        for window in range(windows):
            place = builder.add(element, ir.Constant(element.type, window))
            code = builder.zext(read("codes", place), first.type)
            row = builder.add(first, ir.Constant(first.type, 4 * window))
            patch = builder.add(begin, read("places", builder.add(row, code)))
            factor = splat_value(builder, read("dy", place), shape[2] // spacing)
            points = grid_places(builder, patch, stride, shape)
            for i, point in enumerate(points, start=window * rows * columns):
                loaded = load_value(context, builder, kinds["patches"], arrays["patches"], point)
                vectors[i] = fma_value(builder, factor, loaded, vectors[i])
        return context.make_tuple(builder, signature.return_type, vectors)

    return tile(block, start, row_step, entry, pooled, grid, copies, tile), codegen


@apart
def visit(block, starts, steps, images, windows, grid, sums_out):
    """sums_out from starts.sums on += dy * patch, over all windows of some images and one channel.

    block: Block; starts: Starts; steps: Steps; grid: Grid.
    """
    together = len(grid.copies)
    whole = windows - windows % together
    row = steps.row
    tile = _no_visits(block.patches, grid)
    for image in range(images):
        start = starts.patches + image * steps.image
        here = starts.pooled + image * steps.pooled
        for window in range(0, whole, together):
            tile = _visit(block, start, row, 4 * window, here + window, grid, grid.copies, tile)
        for window in range(whole, windows):
            tile = _visit(block, start, row, 4 * window, here + window, grid, _ONE, tile)
    rows, columns = grid.rows, grid.columns
    sums_row = len(columns) * width(sums_out)
    old = load_grid(sums_out, starts.sums, sums_row, rows, columns, _ONE)
    new = add_tiles(old, _folded(tile, grid))
    store_grid(sums_out, starts.sums, sums_row, rows, columns, _ONE, new)
