"""Floor 0. Weight gradient of a convolution behind a 2 x 2 max pool, visiting maxima alone.

Only the place that won its window passes gradient on: one visit per image, channel k and window
instead of four, dW[k] += dy * the patch of x at that place. The sums of one k over all windows of
an image stay in registers. Images are cut into CHUNKS parts, each with its own partial sums, which
are added in order: the same bits on any number of threads.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from .grid import load_grid, store_grid
from .inlined import inlined
from .jit import kernel, parallel_kernel
from .tile import scale_fma
from .vector import REGISTERS, broadcast, element, width

CHUNKS = 4
OUTPUTS = 10
_NEXT = (0,)


@inlined
def _visit(x, start, rows_of_x, offsets, codes, dy, place, pooled, grid, target, sums_out):
    """sums += dy * patch, over all windows of one image and one channel k.

    rows_of_x: elements from row to row of the image, and of the grid. offsets: element number of
    each place in a window, from memory: computed, it would become branches that no processor
    foresees. pooled: window rows, windows a row. grid: counting tuples (rows, columns, spacing).
    """
    rows, columns, spacing = grid
    size = width(x)
    sums_row = len(columns) * size
    tile = load_grid(sums_out, target, sums_row, rows, columns, _NEXT)
    for row in range(pooled[0]):
        corner = start + 2 * row * rows_of_x[0]
        for _ in range(pooled[1]):
            first = corner + element(offsets, element(codes, place))
            patch = load_grid(x, first, rows_of_x[1], rows, columns, spacing)
            tile = scale_fma(broadcast(dy, place), patch, tile)
            corner += 2 * size
            place += 1
    store_grid(sums_out, target, sums_row, rows, columns, _NEXT, tile)


@inlined
def _plane(x, plane, offsets, codes, dy, images, ks, shape, grid, sums_out):
    """Some images and channels k for one plane of x.

    plane: first element and step per image of x, rows of the image between rows of the grid, row
    parts, first element of the sums and step per k.
    """
    first, x_image, block_rows, parts, sums_first, per_output = plane
    columns, outputs, height, breadth = shape[2:6]
    size = width(x)
    rows_of_x = (columns * size, block_rows * columns * size)
    for part in range(parts):
        part_first = first + part * len(grid[0]) * rows_of_x[1]
        part_sums = sums_first + part * len(grid[0]) * len(grid[1]) * size
        for image in range(images[0], images[1]):
            start = part_first + image * x_image
            for k in range(ks[0], ks[1]):
                place = (image * outputs + k) * height * breadth
                target = part_sums + k * per_output
                pooled = (height, breadth)
                _visit(
                    x, start, rows_of_x, offsets, codes, dy, place, pooled, grid, target, sums_out
                )


@kernel
def _item(x, offsets, codes, dy, images, ks, sums_first, shape, full, last, sums_out):
    """Sums of some images for some channels k; full and last: counting tuples of the planes.

    Plane after plane, so that one plane of an image and the sums stay in the first-level cache.
    """
    size = width(x)
    planes, pixels = shape[0], shape[1] * shape[2]
    full_planes, full_parts, last_parts, block_rows = shape[6:]
    full_sums = full_parts * len(full[0]) * len(full[1]) * size
    last_sums = last_parts * len(last[0]) * len(last[1]) * size
    per_output = full_planes * full_sums + (planes - full_planes) * last_sums
    for place in range(sums_first + ks[0] * per_output, sums_first + ks[1] * per_output):
        sums_out[place] = 0
    x_image = planes * pixels * size
    for number in range(full_planes):
        target = sums_first + number * full_sums
        plane = (number * pixels * size, x_image, 1, full_parts, target, per_output)
        _plane(x, plane, offsets, codes, dy, images, ks, shape, full, sums_out)
    if planes > full_planes:
        target = sums_first + full_planes * full_sums
        start = full_planes * pixels * size
        plane = (start, x_image, block_rows, last_parts, target, per_output)
        _plane(x, plane, offsets, codes, dy, images, ks, shape, last, sums_out)


@parallel_kernel
def _sums(
    x,
    offsets,
    codes,
    dy,
    images,
    shape,
    rows,
    columns,
    spacing,
    last_rows,
    last_columns,
    last_spacing,
    sums_out,
):
    k_items = (shape[3] + OUTPUTS - 1) // OUTPUTS
    for item in prange(CHUNKS * k_items):
        chunk, k = np.int64(item) // k_items, np.int64(item) % k_items * OUTPUTS
        span = (chunk * images // CHUNKS, (chunk + 1) * images // CHUNKS)
        ks = (k, min(shape[3], k + OUTPUTS))
        full, last = (rows, columns, spacing), (last_rows, last_columns, last_spacing)
        first = chunk * (sums_out.size // CHUNKS)
        _item(x, offsets, codes, dy, span, ks, first, shape, full, last, sums_out)


@kernel
def _finish(sums, taps, outputs, dw):
    """dw (K, C R S), flat, += partial sums of all chunks, in order."""
    per_output = sums.size // CHUNKS // outputs
    weights = dw.size // outputs
    for k in range(outputs):
        for entry in range(per_output):
            if taps[entry] >= 0:
                place = k * per_output + entry
                total = sums[place]
                for chunk in range(1, CHUNKS):
                    total += sums[chunk * outputs * per_output + place]
                dw[k * weights + taps[entry]] += total


def row_parts(grid, registers):
    """How many parts the rows of a grid are cut into so that a part fits in so many registers."""
    rows, columns = grid
    fitting = [n for n in range(1, rows + 1) if rows % n == 0 and rows // n * columns <= registers]
    return min(fitting, default=rows)


def counting_tuples(plan, registers):
    """((rows, columns, spacing), parts) for full planes and for the last one, () * n meaning n."""
    found = []
    for present, grid, spacing in (
        (plan.full > 0, plan.grids[0], 1),
        (plan.planes > plan.full, plan.grids[-1], plan.block[1]),
    ):
        parts = row_parts(grid, registers) if present else 1
        counts = (grid[0] // parts, grid[1], spacing) if present else (1, 1, 1)
        found.append((tuple((0,) * count for count in counts), parts))
    return found


def sums_size(plan, outputs):
    """Elements of the scratch array `sums_out` of `sparse_weights`."""
    return CHUNKS * outputs * plan.taps.size


def sparse_weights(plan, x, codes, dy, sums_out, dw):
    """dw += gradient of the weights of a convolution whose output was pooled 2 x 2.

    x: patch storage of at least N images (patches.fill_patches), flat. dy (N, K, P, Q): gradient
    of the pooled output, codes of that shape: the places of the maxima (blocks.unpack_codes); dy
    must be 0 where a code is window.CLIPPED. dw (K, C, R, S). sums_out: sums_size(...) elements.
    """
    _, height, columns = plan.x_shape
    (full, full_parts), (last, last_parts) = counting_tuples(plan, REGISTERS - 4)
    shape = (plan.planes, height, columns, *dy.shape[1:])
    shape += (plan.full, full_parts, last_parts, plan.block[0])
    offsets = np.array([0, 1, columns, columns + 1, 0]) * plan.lanes
    flat = (x, offsets, codes.reshape(-1), dy.reshape(-1), dy.shape[0], shape)
    _sums(*flat, *full, *last, sums_out)
    _finish(sums_out, plan.taps, dw.shape[0], dw.reshape(-1))
