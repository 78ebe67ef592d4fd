"""What PriorBox and PriorBoxClustered have in common: the grid, the variances, the two bottoms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.detection.priors import lay_boxes
from mycaffe_py.layers.base import (
    TWO,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
)

Pair = tuple[float, float]
PARAM = "prior_box_param"
_VARIANCE = 0.1


@dataclass(frozen=True)
class PriorFacts:
    """The grid (H, W), and the (width, height) in pixels of the boxes of each of its cells.

    `step` and `image` are (vertical, horizontal), in pixels. `moves` lead to the right and down
    from the place of a cell to the centre of each box, in pixels; none: they are one place.
    """

    grid: tuple[int, int]
    sizes: tuple[Pair, ...]
    step: Pair
    image: Pair
    offset: float
    clip: bool
    variance: tuple[float, float, float, float]
    moves: tuple[Pair, ...] = ()


class PriorGrid(Layer[PriorFacts]):
    """Lays boxes over a feature map. A layer says in `plan` which."""

    bottom_count = TWO
    has_backward = False

    def forward(self, io: LayerIO[PriorFacts]) -> None:
        """The boxes and their variances."""
        lay(io.facts, io.tops[0])


def lay(facts: PriorFacts, y: Array) -> None:
    """Boxes in channel 0 of y (1, 2, ...), the variance of each of their numbers in channel 1."""
    boxes, variances = y[0]
    sizes = np.array(facts.sizes, np.float64).reshape(-1, 2)
    grid = boxes.reshape(*facts.grid, len(sizes), 4)
    moves = np.array(facts.moves or ((0, 0),) * len(sizes), np.float64).reshape(-1, 2)
    lay_boxes(sizes, moves, facts.step, facts.offset, facts.image, grid)
    if facts.clip:
        np.clip(boxes, 0, 1, out=boxes)
    variances.reshape(-1, 4)[...] = facts.variance


def planned(
    ctx: LayerContext, sizes: tuple[Pair, ...], moves: tuple[Pair, ...] = ()
) -> LayerPlan[PriorFacts]:
    """The plan for boxes of these widths and heights."""
    for index, what in enumerate(("feature map", "image")):
        if len(ctx.shapes[index]) != 4:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[index]}' is {ctx.shapes[index]}",
                at=("bottom", index),
                wanted=f"four axes (N, C, H, W): it is the {what}, whose height and width count",
            )
    options = ctx.param.prior_box_param
    height, width = ctx.shapes[0][2:]
    image = _image(ctx)
    step, places = _step(ctx, image), _places(ctx)
    offset = 0.0 if places else options.offset
    if places:
        inside = [(right * step[1], down * step[0]) for down, right in places]
        moves = moves or ((0.0, 0.0),) * len(sizes)
        moves = tuple((x + right, y + down) for x, y in moves for right, down in inside)
        sizes = tuple(size for size in sizes for _ in inside)
    facts = PriorFacts(
        (height, width), sizes, step, image, offset, options.clip, _variance(ctx), moves
    )
    return LayerPlan(tops=(BlobSpec((1, 2, height * width * len(sizes) * 4)),), facts=facts)


def _places(ctx: LayerContext) -> list[Pair]:
    """(down, right) of offset_h and offset_w; [] where `offset` counts."""
    options = ctx.param.prior_box_param
    down, right = list(options.offset_h), list(options.offset_w)
    named = {"offset": [options.offset], "offset_h": down, "offset_w": right}
    for name, values in named.items():
        for value in values:
            if not math.isfinite(value):
                raise ctx.error(f"{name} {value:g}", at=(PARAM, name), wanted="a number")
    if (down or right) and (len(down) != len(right) or options.HasField("offset")):
        raise ctx.error(
            f"{len(down)} values of offset_h and {len(right)} of offset_w"
            + (" beside offset" if options.HasField("offset") else ""),
            at=(PARAM,),
            wanted="as many of one as of the other, or one offset alone",
        )
    return list(zip(down, right, strict=True))


def positive(ctx: LayerContext, field: str) -> list[float]:
    """The values of a repeated field, each above 0."""
    values = list(getattr(ctx.param.prior_box_param, field))
    for place, value in enumerate(values):
        if not (value > 0 and math.isfinite(value)):
            raise ctx.error(f"{field} {value:g}", at=(PARAM, field, place), wanted="more than 0")
    return values


def _image(ctx: LayerContext) -> Pair:
    """Height and width of the image: as given, or those of the second bottom."""
    options = ctx.param.prior_box_param
    given = [name for name in ("img_size", "img_h", "img_w") if options.HasField(name)]
    if not given:
        height, width = ctx.shapes[1][2:]
        return (height, width)
    _whole_or_both(ctx, given, "img_size", "img_h", "img_w")
    values = [getattr(options, name) for name in given]
    if 0 in values:
        name = given[values.index(0)]
        raise ctx.error(f"{name} 0", at=(PARAM, name), wanted="1 or more pixels")
    return (values[0], values[-1])


def _step(ctx: LayerContext, image: Pair) -> Pair:
    """From cell to cell: as given, or so that the cells cover the image."""
    options = ctx.param.prior_box_param
    given = [name for name in ("step", "step_h", "step_w") if options.HasField(name)]
    values = [getattr(options, name) for name in given]
    for name, value in zip(given, values, strict=True):
        if not (value >= 0 and math.isfinite(value)):
            raise ctx.error(
                f"{name} {value:g}", at=(PARAM, name), wanted="pixels; 0 is as if it were not given"
            )
    if not any(values):
        height, width = ctx.shapes[0][2:]
        return (image[0] / max(height, 1), image[1] / max(width, 1))
    _whole_or_both(ctx, given, "step", "step_h", "step_w")
    return (values[0], values[-1])


def _whole_or_both(ctx: LayerContext, given: list[str], one: str, high: str, wide: str) -> None:
    """Refuse one of two fields alone, and both beside the one that stands for them."""
    if given not in ([one], [high, wide]):
        raise ctx.error(
            " and ".join(given) + (" stand together" if len(given) > 1 else " alone"),
            at=(PARAM, given[-1]),
            wanted=f"either {one}, or {high} and {wide}",
        )


def _variance(ctx: LayerContext) -> tuple[float, float, float, float]:
    """The four variances: as given, one for all, or 0.1."""
    values = positive(ctx, "variance") or [_VARIANCE]
    if len(values) not in (1, 4):
        raise ctx.error(
            f"{len(values)} values of variance",
            at=(PARAM, "variance", 0),
            wanted="one for all four numbers of a box, or four",
        )
    first, second, third, fourth = values * (4 // len(values))
    return (first, second, third, fourth)
