"""Floor 0. Weight gradient of a convolution behind a 2 x 2 max pool, visiting maxima alone.

Only the place that won its window passes gradient on: one visit per image, channel k and window
instead of four, dW[k] += dy * the patch of x at that place. The sums of one k over all windows of
an image stay in registers. Images are cut into CHUNKS parts, each with its own partial sums, which
are added in order: the same bits on any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import get_thread_id, prange

from .inlined import inlined
from .jit import kernel, parallel_kernel
from .patches import fill_patches
from .vector import REGISTERS, aligned_empty, width
from .visits import visit, visit_pairs

CHUNKS = 4
OUTPUTS = 10


@inlined
def _channels(
    patches, offsets, codes, dy, block, images, ks, sums_first, shape, full, last, sums_out
):
    """Sums of one block of images for some channels k, plane after plane.

    So one plane of an image and the sums of these channels stay in the first-level cache.
    """
    planes, pixels, columns, outputs, windows, full_planes, full_parts, last_parts, block_rows = (
        shape
    )
    size = width(patches)
    plane_size = pixels * size
    full_part = len(full[0]) * len(full[1]) * size
    last_part = len(last[0]) * len(last[1]) * size
    full_sums = full_planes * full_parts * full_part
    per_output = full_sums + (planes - full_planes) * last_parts * last_part
    for number in range(full_planes * full_parts):
        plane, part = number // full_parts, number % full_parts
        start = plane * plane_size + part * len(full[0]) * columns * size
        for image in range(images):
            for k in range(ks[0], ks[1]):
                place = ((block * size + image) * outputs + k) * windows
                target = sums_first + k * per_output + number * full_part
                visit(
                    patches,
                    start + image * planes * plane_size,
                    columns * size,
                    offsets,
                    codes,
                    dy,
                    place,
                    windows,
                    full,
                    target,
                    sums_out,
                )
    grid_row = block_rows * columns * size
    for part in range((planes - full_planes) * last_parts):
        start = full_planes * plane_size + part * len(last[0]) * grid_row
        for image in range(images):
            for k in range(ks[0], ks[1]):
                place = ((block * size + image) * outputs + k) * windows
                target = sums_first + k * per_output + full_sums + part * last_part
                visit_pairs(
                    patches,
                    start + image * planes * plane_size,
                    grid_row,
                    offsets,
                    codes,
                    dy,
                    place,
                    windows,
                    last,
                    target,
                    sums_out,
                )


@kernel
def _chunk(
    x,
    blocks,
    span,
    sources,
    offsets,
    codes,
    dy,
    images,
    shape,
    full,
    last,
    patches,
    sums_first,
    sums_out,
):
    """Partial sums of the blocks span[0] to span[1]; `patches` belongs to this thread alone."""
    size = width(x)
    outputs = shape[3]
    for place in range(sums_first, sums_first + sums_out.size // CHUNKS):
        sums_out[place] = 0
    for block in range(span[0], span[1]):
        fill_patches(x, block, blocks, sources, patches)
        here = min(size, images - block * size)
        for k in range(0, outputs, OUTPUTS):
            ks = (k, min(outputs, k + OUTPUTS))
            _channels(
                patches,
                offsets,
                codes,
                dy,
                block,
                here,
                ks,
                sums_first,
                shape,
                full,
                last,
                sums_out,
            )


@parallel_kernel
def _sums(
    x,
    blocks,
    sources,
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
    patches_out,
    sums_out,
):
    for item in prange(CHUNKS):
        chunk = np.int64(item)
        span = (chunk * blocks // CHUNKS, (chunk + 1) * blocks // CHUNKS)
        full, last = (rows, columns, spacing), (last_rows, last_columns, last_spacing)
        patches = patches_out[get_thread_id()]
        first = chunk * (sums_out.size // CHUNKS)
        _chunk(
            x,
            blocks,
            span,
            sources,
            offsets,
            codes,
            dy,
            images,
            shape,
            full,
            last,
            patches,
            first,
            sums_out,
        )


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


def _row_parts(grid, registers):
    """How many parts the rows of a grid are cut into so that a part fits in so many registers."""
    rows, columns = grid
    fitting = [n for n in range(1, rows + 1) if rows % n == 0 and rows // n * columns <= registers]
    return min(fitting, default=rows)


def _counting_tuples(plan):
    """((rows, columns, spacing), parts) for full planes and for the last one, () * n meaning n."""
    found = []
    for present, grid, spacing, registers in (
        (plan.full > 0, plan.grids[0], 1, REGISTERS - 4),
        (plan.planes > plan.full, plan.grids[-1], plan.block[1], REGISTERS // 2 - 2),
    ):
        parts = _row_parts(grid, registers) if present else 1
        counts = (grid[0] // parts, grid[1], spacing) if present else (1, 1, 1)
        found.append((tuple((0,) * count for count in counts), parts))
    return found


@dataclass(frozen=True)
class WeightScratch:
    """Scratch arrays of sparse_weights for one plan and K output channels."""

    patches: np.ndarray[Any, Any]
    sums: np.ndarray[Any, Any]


def weight_scratch(plan, outputs, dtype):
    """Scratch for dw (outputs, C, R, S): a block's patches per thread, and CHUNKS partial sums."""
    per_thread = plan.lanes * plan.sources.size
    return WeightScratch(
        aligned_empty((numba.config.NUMBA_NUM_THREADS, per_thread), dtype),
        aligned_empty((CHUNKS * outputs * plan.taps.size,), dtype),
    )


def sparse_weights(plan, x, codes, dy, scratch, dw):
    """dw += gradient of the weights of a convolution whose output was pooled 2 x 2.

    x (B, C, H, W, L) blocked. dy (N, K, P, Q): gradient of the pooled output, codes of that shape:
    places of the maxima (blocks.unpack_codes); dy must be 0 where a code is window.CLIPPED.
    dw (K, C, R, S). plan: patches.plan_patches; scratch: weight_scratch.
    """
    _, height, columns = plan.x_shape
    (full, full_parts), (last, last_parts) = _counting_tuples(plan)
    images, outputs, rows, breadth = dy.shape
    shape = (plan.planes, height * columns, columns, outputs, rows * breadth)
    shape += (plan.full, full_parts, last_parts, plan.block[0])
    corners = 2 * (np.arange(rows)[:, None] * columns + np.arange(breadth)).ravel()
    offsets = np.concatenate([[0, 1, columns, columns + 1, 0], corners]) * plan.lanes
    flat = (x.reshape(-1), x.shape[0], plan.sources, offsets, codes.reshape(-1), dy.reshape(-1))
    _sums(*flat, images, shape, *full, *last, scratch.patches, scratch.sums)
    _finish(scratch.sums, plan.taps, outputs, dw.reshape(-1))
