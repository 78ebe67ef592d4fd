"""What both layers of YOLO do: find boxes in maps and hand out the best that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.detection.yolo import gather, select
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
)

# Numbers of a box beside its classes, and of a row of the result.
_BOX, _ROW = 5, 7


@dataclass(frozen=True)
class YoloFacts:
    """For each bottom the (width, height) of its boxes, in parts of the image.

    A box is left out whose score is not above `threshold` or, with `threshold_counts`, below it.
    `one_of_all`: classes exclude each other (softmax); else each has its own sigmoid.
    """

    sizes: tuple[tuple[tuple[float, float], ...], ...]
    threshold: float
    threshold_counts: bool
    overlap: float
    one_of_all: bool


class YoloMaps(Layer[YoloFacts]):
    """Finds objects in maps. A layer says in `plan` how boxes are told."""

    bottom_count = Count(1, None)
    has_backward = False

    def forward(self, io: LayerIO[YoloFacts]) -> None:
        """Item by item; then the top gets as many rows as there are."""
        items = len(io.bottoms[0])
        found = [_objects(io, item) for item in range(items)]
        count = sum(map(len, found))
        rows = io.resize(0, (1, 1, count or items, _ROW))
        if count:
            np.concatenate(found, out=rows[0, 0])
        else:
            rows.fill(-1)
            rows[0, 0, :, 0] = range(items)


def planned(ctx: LayerContext, facts: YoloFacts) -> LayerPlan[YoloFacts]:
    """The top starts with one row; forward knows how many there are."""
    places = sum(
        len(sizes) * shape[2] * shape[3]
        for sizes, shape in zip(facts.sizes, ctx.shapes, strict=True)
    )
    scratch = {
        "corners": Scratch((4, places)),
        "values": Scratch((places + 1,)),
        "classes": Scratch((places,), np.int64),
        "boxes": Scratch((6, places)),
        "kept": Scratch((places,), np.int64),
        "found": Scratch((places, _ROW)),
    }
    return LayerPlan(tops=(BlobSpec((1, 1, 1, _ROW)),), scratch=scratch, facts=facts, varying=(0,))


def check_options(ctx: LayerContext, field: str) -> None:
    """What both layers are told is within its bounds."""
    options = getattr(ctx.param, field)
    for name in ("num_classes", "num_box"):
        if not getattr(options, name):
            raise ctx.error(f"{name} 0", at=(field, name), wanted="1 or more")
    if not 0 <= options.nms_threshold <= 1:
        raise ctx.error(
            f"nms_threshold {options.nms_threshold:g}", at=(field, "nms_threshold"), wanted="0 to 1"
        )


def check_maps(ctx: LayerContext, boxes: int, classes: int) -> None:
    """Every bottom has the numbers of so many boxes a cell, and as many items as the first."""
    channels = boxes * (_BOX + classes)
    for index, shape in enumerate(ctx.shapes):
        if len(shape) != 4 or shape[1] != channels or shape[0] != ctx.shapes[0][0]:
            items = ctx.shapes[0][0] if ctx.shapes[0] else "N"
            raise ctx.error(
                f"bottom '{ctx.param.bottom[index]}' is {shape}",
                at=("bottom", index),
                wanted=f"({items}, {channels}, H, W): {boxes} boxes a cell of {_BOX} numbers "
                f"and {classes} classes each",
            )


def pairs(ctx: LayerContext, field: str, least: int) -> list[tuple[float, float]]:
    """The widths and heights of `biases`, at least so many."""
    values: Sequence[float] = getattr(ctx.param, field).biases
    if len(values) % 2 or len(values) < 2 * least:
        raise ctx.error(
            f"{len(values)} values of biases",
            at=(field, "biases", 0) if values else (field,),
            wanted=f"width and height of each box, {2 * least} values at least",
        )
    return list(zip(values[::2], values[1::2], strict=True))


def _objects(io: LayerIO[YoloFacts], item: int) -> Array:
    """The rows of one item, of all bottoms together."""
    facts, scratch = io.facts, io.scratch
    dtype = scratch["values"].dtype.type
    threshold, below = dtype(facts.threshold), dtype(-np.inf)
    if facts.threshold_counts:
        threshold = np.nextafter(threshold, below)
    count = 0
    for x, sizes in zip(io.bottoms, facts.sizes, strict=True):
        maps = x[item].reshape(len(sizes), -1, *x.shape[2:])
        count = gather(
            maps, np.array(sizes, np.float64), threshold, facts.one_of_all, count,
            scratch["corners"], scratch["values"], scratch["classes"],
        )  # fmt: skip
    # An overlap of just the limit is too much here.
    overlap = np.nextafter(dtype(facts.overlap), below)
    left = select(
        item, count, overlap, scratch["corners"], scratch["values"], scratch["classes"],
        scratch["boxes"], scratch["kept"], scratch["found"],
    )  # fmt: skip
    return scratch["found"][:left].copy()
