"""DummyData: tops filled by fillers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.layers.base import (
    ANY,
    NONE,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    register,
)
from mycaffe_py.layers.fillers import check_filler, fill
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter

_SIZES = ("num", "channels", "height", "width")
_FILLED = 1


@dataclass(frozen=True)
class DummyDataFacts:
    """One filler for each top."""

    fillers: tuple[FillerParameter, ...]


@register
class DummyData(Layer[DummyDataFacts]):
    """Fills its tops from fillers: made-up data for trials and timings.

    Formula:
        y drawn by data_filler. A constant is written once and stays (a caller may overwrite it);
        every other filler draws anew each forward, the same values for the same seed and batch.
    Shapes:
        one shape for all tops, or one for each; also as num, channels, height, width. In shards of
        a batch the first axis is that of the rows, wherever the shards divide it.
    Source:
        As in Caffe, but the random numbers are our own.
    Example:
        layer {
          name: "made_up" type: "DummyData" top: "x" top: "t"
          dummy_data_param {
            shape { dim: 2 dim: 3 } shape { dim: 2 }
            data_filler { type: "gaussian" } data_filler { value: 1 }
          }
        }
    """

    type = "DummyData"
    bottom_count = NONE
    top_count = ANY
    has_backward = False

    def plan(self, ctx: LayerContext) -> LayerPlan[DummyDataFacts]:
        """Shapes and fillers, one for all tops or one for each."""
        shapes = _shapes(ctx)
        fillers = list(ctx.param.dummy_data_param.data_filler) or [FillerParameter()]
        if len(fillers) not in (1, ctx.top_count):
            raise ctx.error(
                f"{len(fillers)} data_filler for {ctx.top_count} tops",
                at=("dummy_data_param", "data_filler", 0),
                wanted="none, one for all tops, or one for each",
            )
        every = tuple(fillers * (ctx.top_count if len(fillers) == 1 else 1))
        for index, (filler, shape) in enumerate(zip(every, shapes, strict=True)):
            place = min(index, len(fillers) - 1)
            where = ctx.where.at("dummy_data_param", "data_filler", place)
            check_filler(filler, shape, where)
        return LayerPlan(
            tops=tuple(BlobSpec(_shard(shape, ctx)) for shape in shapes),
            scratch={"filled": Scratch((len(every),), "uint8", use="kept")},
            facts=DummyDataFacts(every),
        )

    def forward(self, io: LayerIO[DummyDataFacts]) -> None:
        """Fill the tops anew; those with constant values only the first time."""
        generator = io.stream("dummy_data")
        filled = io.scratch["filled"]
        for index, filler in enumerate(io.facts.fillers):
            if filler.type.lower() == "constant" and filled[index] == _FILLED:
                continue
            fill(filler, io.tops[index], generator, None)
            filled[index] = _FILLED


def _shard(shape: Shape, ctx: LayerContext) -> Shape:
    """The part of a top that one shard has."""
    rows = shape[0] if shape else 0
    shards = ctx.cut.shards
    return shape if not rows or rows % shards else (rows // shards, *shape[1:])


def _shapes(ctx: LayerContext) -> list[Shape]:
    """The shape of each top, from `shape` or from the four old lists."""
    options = ctx.param.dummy_data_param
    sizes = [list(getattr(options, name)) for name in _SIZES]
    given = [tuple(shape.dim) for shape in options.shape]
    if given and any(sizes):
        raise ctx.error(
            "shape stands beside num, channels, height or width",
            at=("dummy_data_param", "shape", 0),
            wanted="one way of giving the shape",
        )
    if not given:
        given = _legacy(ctx, sizes)
    if len(given) not in (1, ctx.top_count) or any(math.prod(s) < 0 for s in given):
        raise ctx.error(
            f"shapes {given} for {ctx.top_count} tops",
            at=("dummy_data_param",),
            wanted="one shape for all tops or one for each",
        )
    return given * (ctx.top_count if len(given) == 1 else 1)


def _legacy(ctx: LayerContext, sizes: list[list[int]]) -> list[Shape]:
    """4-D shapes from num, channels, height, width: each with one entry or one for each top."""
    for name, values in zip(_SIZES, sizes, strict=True):
        if len(values) not in (1, ctx.top_count):
            raise ctx.error(
                f"{len(values)} entries of {name} for {ctx.top_count} tops",
                at=("dummy_data_param",),
                wanted="one for all tops or one for each",
                do="Give the shapes as shape { dim: ... }.",
            )
    return [
        tuple(values[index if len(values) > 1 else 0] for values in sizes)
        for index in range(ctx.top_count)
    ]
