"""Floor 0. Gradients of weights and biases of a convolution behind a 2 x 2 max pool.

Only the place that won its window passes gradient on: one visit per image, channel k and window
instead of four, dW[k] += dy * the patch of x at that place. The sums of one k over the windows of
a few images stay in registers. Blocks of images are cut into CHUNKS parts, each with its own
partial sums, which are added in order: the same bits on any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import get_thread_id, prange

from .bias_gradient import add_biases
from .blocks import unpack_codes
from .clipped import mask_clipped
from .grid import add_tiles
from .inlined import inlined
from .jit import kernel, parallel_kernel
from .patches import fill_patches
from .vector import aligned_empty, load, splat, store, width
from .visits import visit

CHUNKS = 4
OUTPUTS = 10


@inlined
def _planes(inputs, images, ks, sizes, some, grid, sums_first, sums_out):
    """Sums of one block of images for some channels k, plane after plane of one kind.

    So a plane of `group` images and the sums of these channels stay in the first-level cache.
    """
    patches, places, codes, dy = inputs
    image_size, plane_size, outputs, windows, per_output = sizes
    first_plane, count, parts = some[0], some[1], some[2]
    grid_row, group, first_sum = some[3], some[4], some[5]
    rows, columns = len(grid[0]), len(grid[1])
    steps = (image_size, grid_row, outputs * windows)
    for number in range(count * parts):
        start = (first_plane + number // parts) * plane_size + number % parts * rows * grid_row
        target = sums_first + first_sum + number * rows * columns * width(patches)
        for image in range(0, images, group):
            first = start + image * image_size
            counts = (min(group, images - image), windows)
            for k in range(ks[0], ks[1]):
                place = (image * outputs + k) * windows
                to = target + k * per_output
                visit(patches, first, steps, places, codes, dy, place, counts, grid, to, sums_out)


@kernel
def _chunk(
    x,
    chunk,
    shape,
    tables,
    codes,
    dy,
    clipped,
    full_rows,
    full,
    last_rows,
    last,
    patches,
    plain_codes,
    sums_out,
):
    """Partial sums of one chunk; `patches` and `plain_codes` belong to this thread alone.

    A kind of plane that there is none of has None for rows: nothing is compiled for it.
    """
    size = width(x)
    sources, places, numbers = tables
    blocks, images, outputs, windows, per_output = shape
    per_block = outputs * windows * size
    image_size = sources.size
    sizes = (image_size, numbers[0], outputs, windows, per_output)
    masked = patches[size * sources.size :]
    first = chunk * (sums_out.size // CHUNKS)
    zero = splat(x, 0)
    for place in range(first, first + sums_out.size // CHUNKS, size):
        store(sums_out, place, zero)
    for block in range(chunk * blocks // CHUNKS, (chunk + 1) * blocks // CHUNKS):
        here = min(size, images - block * size)
        unpack_codes(codes, x, block, plain_codes)
        gradient = dy[block * per_block :]
        if clipped:
            mask_clipped(plain_codes, dy, block * per_block, masked)
            gradient = masked
        add_biases(gradient, here, outputs, windows, first + outputs * per_output, sums_out)
        fill_patches(x, block, blocks, sources, patches)
        inputs = (patches, places, plain_codes, gradient)
        for k in range(0, outputs, OUTPUTS):
            ks = (k, min(outputs, k + OUTPUTS))
            if full_rows is not None:
                grid = (full_rows, full[0], full[1], full[2])
                _planes(inputs, here, ks, sizes, numbers[1:7], grid, first, sums_out)
            if last_rows is not None:
                grid_of_last = (last_rows, last[0], last[1], last[2])
                _planes(inputs, here, ks, sizes, numbers[7:], grid_of_last, first, sums_out)


@parallel_kernel
def _sums(
    x,
    shape,
    sources,
    places,
    numbers,
    codes,
    dy,
    clipped,
    rows,
    columns,
    spacing,
    copies,
    last_rows,
    last_columns,
    last_spacing,
    last_copies,
    patches_out,
    codes_out,
    sums_out,
):
    for item in prange(CHUNKS):
        thread = get_thread_id()
        _chunk(
            x,
            np.int64(item),
            shape,
            (sources, places, numbers),
            codes,
            dy,
            clipped,
            rows,
            (columns, spacing, copies),
            last_rows,
            (last_columns, last_spacing, last_copies),
            patches_out[thread],
            codes_out[thread],
            sums_out,
        )


@kernel
def _finish(sums, entries, outputs, dw, db):
    """dw (K, C R S) and db (K,), flat, += partial sums of all chunks, in order."""
    size = width(sums)
    per_chunk = sums.size // CHUNKS
    per_output = per_chunk // outputs - size
    for place in range(0, per_chunk, size):
        total = (load(sums, place),)
        for chunk in range(1, CHUNKS):
            total = add_tiles(total, (load(sums, chunk * per_chunk + place),))
        store(sums, place, total[0])
    for k in range(outputs if dw.size else 0):
        for weight in range(entries.size):
            dw[k * entries.size + weight] += sums[k * per_output + entries[weight]]
    for k in range(db.size):
        for lane in range(size):
            db[k] += sums[outputs * per_output + k * size + lane]


@dataclass(frozen=True)
class WeightScratch:
    """Scratch arrays of sparse_weights for one plan and gradients (K, P, Q)."""

    patches: np.ndarray[Any, Any]
    codes: np.ndarray[Any, Any]
    sums: np.ndarray[Any, Any]


def weight_scratch(plan, dy_shape, dtype):
    """Scratch for dy (K, P, Q): per thread patches, codes and dy of a block; CHUNKS sums."""
    per_block = plan.lanes * int(np.prod(dy_shape))
    threads = numba.config.NUMBA_NUM_THREADS
    return WeightScratch(
        aligned_empty((threads, plan.lanes * plan.sources.size + per_block), dtype),
        aligned_empty((threads, per_block), np.uint8),
        aligned_empty((CHUNKS * dy_shape[0] * (plan.sums + plan.lanes),), dtype),
    )


def sparse_weights(plan, x, codes, dy, scratch, dw, db, *, clipped=False):
    """dw, db += gradients of weights and biases of a convolution whose output was pooled 2 x 2.

    x (B, C, H, W, L) blocked. dy (N, K, P, Q): gradient of the pooled output; codes
    (B, K, P, Q, L): what forward wrote. With `clipped`, dy counts for nothing where they are
    window.CLIPPED; without, none may be. dw (K, C, R, S) and db (K,), or None where not wanted.
    plan: patches.plan_patches; scratch: weight_scratch.
    """
    images, outputs, rows, breadth = dy.shape
    shape = (x.shape[0], images, outputs, rows * breadth, plan.sums)
    flat = (plan.sources, plan.places, plan.numbers, codes.reshape(-1), dy.reshape(-1))
    rooms = (scratch.patches, scratch.codes, scratch.sums)
    _sums(x.reshape(-1), shape, *flat, clipped, *plan.grids, *rooms)
    nothing = scratch.sums[:0]
    wanted = (nothing if d is None else d.reshape(-1) for d in (dw, db))
    _finish(scratch.sums, plan.entries, outputs, *wanted)
