"""Layers that cut, join, repeat and reshape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.export.onnx.onnx_net import Dims
from mycaffe_py.export.onnx.translator import TO_THE_END, TRUTH, WHOLE, Site, translates


@translates("Reshape", "Flatten")
def reshape(at: Site) -> None:
    """The length that follows the batch is left for ONNX to find."""
    at.reshape(at.x[0], at.tops[0], out=at.y[0])


@translates("Concat")
def concat(at: Site) -> None:
    """Side by side."""
    at.op("Concat", *at.x, out=at.y[0], axis=at.facts.axis)


@translates("Slice")
def slice_(at: Site) -> None:
    """Split, or single Slices where the batch is cut at given points."""
    axis = len(at.facts.parts[0]) - 1
    points = list(at.options.slice_param.slice_point)
    if len(at.y) == 1:
        at.same(at.x[0], at.y[0])
    elif not isinstance(at.bottoms[0][axis], str):
        sizes = at.whole(*(at.length(dims, axis) for dims in at.tops))
        at.ops("Split", at.x[0], sizes, out=at.y, axis=axis)
    elif not points:
        at.ops("Split", at.x[0], out=at.y, axis=axis)
    else:
        for y, start, stop in zip(at.y, [0, *points], [*points, TO_THE_END], strict=True):
            at.op("Slice", at.x[0], at.whole(start), at.whole(stop), at.whole(axis), out=y)


@translates("Crop", "CropCenter")
def crop(at: Site) -> None:
    """Slice; axes that keep their length are left alone."""
    dims: Dims = at.bottoms[0]
    cut = []
    for axis, (window, behind) in enumerate(zip(at.facts.window, at.tops[0], strict=False)):
        if window != slice(None) and behind != dims[axis]:
            at.length(at.tops[0], axis)
            cut.append((axis, window.start, window.stop))
    if not cut:
        at.same(at.x[0], at.y[0])
        return
    axes, starts, stops = zip(*cut, strict=True)
    at.op(
        "Slice", at.x[0], at.whole(*starts), at.whole(*stops), at.whole(*axes), out=at.y[0]
    )  # fmt: skip


@translates("Tile")
def tile(at: Site) -> None:
    """The copies stand side by side along one axis."""
    axes = len(at.bottoms[0])
    options = at.options.tile_param
    times = [1] * axes
    times[options.axis % axes] = options.tiles
    at.op("Tile", at.x[0], at.whole(*times), out=at.y[0])


@translates("BatchReindex")
def batch_reindex(at: Site) -> None:
    """Rows by their numbers."""
    at.op("Gather", at.x[0], at.op("Cast", at.x[1], to=WHOLE), out=at.y[0], axis=0)


@translates("Embed")
def embed(at: Site) -> None:
    """Rows of the table, then the vector."""
    number = at.op("Cast", at.x[0], to=WHOLE)
    if len(at.arrays) == 1:
        at.op("Gather", at.param(0), number, out=at.y[0], axis=0)
    else:
        at.op("Add", at.op("Gather", at.param(0), number, axis=0), at.param(1), out=at.y[0])


@translates("Filter")
def filter_(at: Site) -> None:
    """The rows whose selector, the last bottom, is not 0."""
    chosen = at.op("Cast", at.reshape(at.x[-1], ("rows",)), to=TRUTH)
    for x, y in zip(_but_last(at.x), at.y, strict=True):
        at.op("Compress", x, chosen, out=y, axis=0)


def _but_last(names: Sequence[str]) -> Sequence[str]:
    return names[:-1]


@translates("Permute")
def permute(at: Site) -> None:
    """The axes in another order."""
    if at.facts.axes:
        at.op("Transpose", at.x[0], out=at.y[0], perm=at.facts.axes)
    else:
        at.same(at.x[0], at.y[0])


@translates("Transpose")
def transpose(at: Site) -> None:
    """Last axes of 1 that have no place in the new order fall away first."""
    perm = at.facts.axes
    surplus = range(len(perm), len(at.bottoms[0]))
    x = at.op("Squeeze", at.x[0], at.whole(*surplus)) if surplus else at.x[0]
    at.op("Transpose", x, out=at.y[0], perm=perm)


@translates("ShuffleChannel")
def shuffle_channel(at: Site) -> None:
    """Groups and their channels exchanged; the first axis is the batch."""
    x = at.op("Reshape", at.x[0], at.whole(-1, *at.facts.blocks[1:]))
    at.reshape(at.op("Transpose", x, perm=(0, 2, 1, 3)), at.tops[0], out=at.y[0])


@translates("Reverse")
def reverse(at: Site) -> None:
    """A Slice from the end, step by step back; what lies before the first is never reached."""
    ends = (at.whole(value) for value in (-1, -TO_THE_END, at.facts.axis, -1))
    at.op("Slice", at.x[0], *ends, out=at.y[0])


@translates("Reorg")
def reorg(at: Site) -> None:
    """Six axes in another order; the first is the batch."""
    x = at.op("Reshape", at.x[0], at.whole(-1, *at.facts.x[1:]))
    at.reshape(at.op("Transpose", x, perm=at.facts.axes), at.tops[0], out=at.y[0])


@translates("Constant")
def constant(at: Site) -> None:
    """Its values."""
    shape = [at.length(at.tops[0], axis) for axis in range(len(at.tops[0]))]
    values = np.array(at.facts.values)
    every = np.full(shape, values[0]) if len(values) == 1 else values.reshape(shape)
    at.same(at.constant(every), at.y[0])


@translates("Parameter")
def parameter(at: Site) -> None:
    """Its values."""
    at.same(at.param(0), at.y[0])


@translates("Silence", "MatWrite")
def silence(at: Site) -> None:
    """Nothing: they only read."""
