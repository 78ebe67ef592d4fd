"""Gradients of weights and biases of a convolution behind a 2 x 2 max pool.

Only the place that won its window passes gradient on: one visit per image, channel k and window
instead of four, dW[k] += dy * the patch of x at that place. The sums of one k over the windows of
a few images stay in registers. Blocks of images are cut into CHUNKS parts, each with its own
partial sums, which are added in order: the same bits on any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import get_thread_id, prange

from ..apart import apart
from ..inlined import inlined
from ..jit import kernel, parallel_kernel
from ..vectors.grid import add_tiles
from ..vectors.vector import aligned_empty, load, splat, store, width
from .bias_gradient import add_biases
from .blocks import unpack_codes
from .clipped import mask_clipped
from .patch_sums import Block, Grid, Starts, Steps, visit
from .patches import fill_patches

CHUNKS = 4
OUTPUTS = 10
_NO_GRID = (None,) * 4


class Sizes(NamedTuple):
    """What the sums run over."""

    blocks: int
    images: int
    outputs: int
    """Channels k of the convolution's output."""
    windows: int
    """Pooling windows of one channel of one image."""
    plane: int
    """Elements of a plane in patch storage."""
    image: int
    """Elements of an image in patch storage."""
    per_output: int
    """Elements of the sums of one channel k."""


class Pooled(NamedTuple):
    """What the max pool wrote, flat, and the gradient of that."""

    codes: Any
    dy: Any
    clipped: bool


class Own(NamedTuple):
    """Arrays that one thread alone works on: images as patches, codes of one block."""

    patches: Any
    codes: Any


@inlined
def _planes(block, images, k_first, k_last, sizes, kind, grid, sums_first, sums_out):
    """Sums of one block of images for some channels k, plane after plane of one kind.

    So a plane of `group` images and the sums of these channels stay in the first-level cache.
    """
    rows, columns = len(grid.rows), len(grid.columns)
    size = width(sums_out)
    steps = Steps(sizes.image, kind.row_step, sizes.outputs * sizes.windows)
    parts, group = kind.parts, kind.group
    for number in range(kind.count * parts):
        plane = kind.first_plane + number // parts
        start = plane * sizes.plane + number % parts * rows * steps.row
        target = sums_first + kind.first_sum + number * rows * columns * size
        for image in range(0, images, group):
            together = min(group, images - image)
            for k in range(k_first, k_last):
                starts = Starts(
                    start + image * sizes.image,
                    (image * sizes.outputs + k) * sizes.windows,
                    target + k * sizes.per_output,
                )
                visit(block, starts, steps, together, sizes.windows, grid, sums_out)


@inlined
def _clear(first, last, sums_out):
    """sums_out = 0 from `first` to `last`, in whole vectors."""
    zero = splat(sums_out, 0)
    for place in range(first, last, width(sums_out)):
        store(sums_out, place, zero)


@inlined
def _gradient(block, sizes, pooled, own):
    """dy from the block's first image on; own.codes becomes the codes of the block."""
    size = width(pooled.dy)
    start = block * sizes.outputs * sizes.windows * size
    unpack_codes(pooled.codes, pooled.dy, block, own.codes)
    if not pooled.clipped:
        return pooled.dy[start:]
    masked = own.patches[size * sizes.image :]
    mask_clipped(own.codes, pooled.dy, start, masked)
    return masked


@apart
def _chunk(x, chunk, sizes, tables, kinds, pooled, full_rows, full, last_rows, last, own, sums_out):
    """Partial sums of one chunk of the blocks.

    tables: `sources` and `places` of Patches; kinds: its records. full and last: the grids of these
    two kinds. Where there are no planes of a kind, its rows are None besides: an argument that is
    None lets nothing be compiled for it, a None within a tuple would.
    """
    outputs, size = sizes.outputs, width(x)
    sources, places = tables
    first = chunk * (sums_out.size // CHUNKS)
    _clear(first, first + sums_out.size // CHUNKS, sums_out)
    for number in range(chunk * sizes.blocks // CHUNKS, (chunk + 1) * sizes.blocks // CHUNKS):
        images = min(size, sizes.images - number * size)
        dy = _gradient(number, sizes, pooled, own)
        biases = first + outputs * sizes.per_output
        add_biases(dy, images, outputs, sizes.windows, biases, sums_out)
        fill_patches(x, number, sizes.blocks, sources, own.patches)
        block = Block(own.patches, places, own.codes, dy)
        for k in range(0, outputs, OUTPUTS):
            k_last = min(outputs, k + OUTPUTS)
            if full_rows is not None:
                _planes(block, images, k, k_last, sizes, kinds[0], full, first, sums_out)
            if last_rows is not None:
                _planes(block, images, k, k_last, sizes, kinds[1], last, first, sums_out)


# The counting tuples of both grids stand one by one: a parallel loop takes no tuple of tuples.
@parallel_kernel
def _sums(
    x,
    sizes,
    sources,
    places,
    kinds,
    pooled,
    full_rows,
    full_columns,
    full_spacing,
    full_copies,
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
            sizes,
            (sources, places),
            kinds,
            pooled,
            full_rows,
            Grid(full_rows, full_columns, full_spacing, full_copies),
            last_rows,
            Grid(last_rows, last_columns, last_spacing, last_copies),
            Own(patches_out[thread], codes_out[thread]),
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
    sizes = Sizes(
        x.shape[0], images, outputs, rows * breadth, plan.plane_size, plan.sources.size, plan.sums
    )
    grids = (counting for grid in plan.grids for counting in grid or _NO_GRID)
    _sums(
        x.reshape(-1),
        sizes,
        plan.sources,
        plan.places,
        plan.kinds,
        Pooled(codes.reshape(-1), dy.reshape(-1), clipped),
        *grids,
        scratch.patches,
        scratch.codes,
        scratch.sums,
    )
    nothing = scratch.sums[:0]
    wanted = (nothing if d is None else d.reshape(-1) for d in (dw, db))
    _finish(scratch.sums, plan.entries, outputs, *wanted)
