"""Sizes of a 3 x 3 convolution patch by patch (winograd.py), and for which shapes it is faster."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .few_products import REACH, SIDE
from .pixel_tile import RUN
from .storage import block_count, image_elements

Pair = tuple[int, int]
Shape = tuple[int, ...]
# Bytes of points that are found at a time: they stay in the second cache with the sums.
_AT_A_TIME = 1 << 19
# Bytes of filters, and pairs of blocks of them, from which each thread takes its share of them
# rather than of the patches.
_HEAVY = 1 << 20
_ENOUGH = 8
# Multiplications of an image, done directly, from which the kernel is worth compiling.
_WORTH = 4 << 20
# A product of points takes so much longer than one of pixels, with what is done around it.
_LONGER = 1.5
# Patches that a tile in registers holds on the machine that has the largest.
_TILE = 7
# Products in the time in which a weight comes from memory: a picture alone waits for all of them.
_FAR = 12


class Patches(NamedTuple):
    """Sizes of one convolution; patches overlap by two pixels, their outputs do not."""

    images: int
    rows: int
    columns: int
    """Of the input."""
    out_rows: int
    out_columns: int
    top: int
    left: int
    """The padding."""
    down: int
    across: int
    """Patches of an image."""
    groups: int
    blocks: int
    filters: int
    """Blocks of input channels and of outputs, of a group."""
    x_image: int
    y_image: int
    """Elements from image to image."""
    together: int
    """Patches at a time, a multiple of RUN."""


class Plan(NamedTuple):
    """Sizes with what threads share."""

    shape: Patches
    by_patches: bool
    """Whether threads share the patches, and not the filters."""
    work: int
    """Multiplications."""


def few_products_pay(x: Shape, y: Shape, groups: int) -> bool:
    """Whether patches are faster for inputs (N, C, H, W) and outputs (N, K, OH, OW).

    It does not depend on the number of images, so that none has other bits beside others.
    """
    area = y[2] * y[3]
    patches = max(_TILE, -(-y[2] // SIDE) * -(-y[3] // SIDE))
    points = REACH * REACH
    fewer = (_LONGER * patches + _FAR) * points <= 9 * (area + _FAR)
    return fewer and 9 * area * y[1] * x[1] // groups >= _WORTH


def plan_patches(x: Shape, y: Shape, pads: Pair, groups: int, whole: Pair, dtype: Any) -> Plan:
    """The plan for inputs (N, C, H, W) and outputs (N, K, OH, OW).

    whole: channels of the arrays that x and y are part of.
    """
    down, across = -(-y[2] // SIDE), -(-y[3] // SIDE)
    blocks, filters = block_count(x[1] // groups, dtype), block_count(y[1] // groups, dtype)
    patch_bytes = REACH * REACH * x[1] // groups * np.dtype(dtype).itemsize
    patches = x[0] * down * across
    rounds = max(1, round(patches * patch_bytes / _AT_A_TIME))
    together = max(1, -(-patches // (rounds * RUN))) * RUN
    shape = Patches(
        x[0], x[2], x[3], y[2], y[3], *pads, down, across, groups, blocks, filters,
        image_elements(whole[0], x[2], x[3], dtype), image_elements(whole[1], y[2], y[3], dtype),
        together,
    )  # fmt: skip
    heavy = patch_bytes * y[1] >= _HEAVY and groups * filters >= 2 * _ENOUGH
    return Plan(shape, not heavy, patches * REACH * REACH * y[1] * x[1] // groups)
