"""Regions of feature maps as ROIPooling and PSROIPooling are given them: checked, cut into cells.

A region is a row (item, x1, y1, x2, y2) in pixels of the image, both corners belonging to it.
"""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import Array, LayerContext, LayerIO

# Farther out than any map reaches, and a whole number in every type.
_FAR = 2.0**30


def check_bottoms(ctx: LayerContext) -> None:
    """The first bottom holds maps, the second a row of five numbers for each region."""
    maps, regions = ctx.shapes
    if len(maps) != 4:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {maps}",
            at=("bottom", 0),
            wanted="feature maps (N, C, H, W)",
        )
    if len(regions) < 2 or regions[1] != 5 or any(extent != 1 for extent in regions[2:]):
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {regions}",
            at=("bottom", 1),
            wanted="(R, 5): R regions, each a row of item, x1, y1, x2, y2",
        )


def regions_of(io: LayerIO) -> tuple[Array, Array]:
    """The item (R,) and the corners (R, 4) of each region, or the error of the first wrong one."""
    table = io.bottoms[1].reshape(-1, 5)
    count = len(io.bottoms[0])
    with np.errstate(invalid="ignore"):
        wrong = ~(np.isfinite(table).all(axis=1) & (table[:, 0] >= 0) & (table[:, 0] < count))
    if wrong.any():
        row = int(np.argmax(wrong))
        told = ", ".join(f"{value:g}" for value in table[row])
        raise io.context.error(
            f"row {row} of bottom '{io.context.param.bottom[1]}' is ({told})",
            at=("bottom", 1),
            wanted="item, x1, y1, x2, y2: numbers, the first of them from 0 to "
            f"{count - 1}, as bottom '{io.context.param.bottom[0]}' has {count} items",
        )
    return table[:, 0].astype(np.int64), table[:, 1:]


def rounded(x: Array) -> Array:
    """The nearest whole numbers, halves away from 0, as C's round does."""
    near = np.clip(x, -_FAR, _FAR)
    whole = np.trunc(near)
    nearest: Array = whole + np.where(np.abs(near - whole) >= 0.5, np.sign(near), 0)
    return nearest


def cells(size: Array, count: int, extent: int, first: Array, shift: Array) -> Array:
    """Where each of `count` cells of regions begins and ends: (R, count, 2), cut to the map.

    size (R,) in pixels of the map. The bounds are rounded outwards to whole pixels: with `shift`
    (R,) added before that, `first` (R,) after. All in the net's type, as the last bit decides which
    pixels belong to a cell.
    """
    steps = np.arange(count, dtype=size.dtype)
    one = (size / size.dtype.type(count))[:, None]
    begin = np.floor(steps * one + shift[:, None])
    end = np.ceil((steps + 1) * one + shift[:, None])
    bounds = np.stack([begin, end], axis=2).astype(np.float64) + first[:, None, None]
    inside: Array = np.clip(bounds, 0, extent).astype(np.int64)
    return inside
