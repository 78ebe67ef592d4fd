"""Tile: repeats a blob along an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class TileFacts:
    """The top as (outer, tiles, inner); the bottom is (outer, inner)."""

    outer: int
    tiles: int
    inner: int


@register
class Tile(Layer[TileFacts]):
    """Repeats everything from an axis on, the copies side by side along that axis.

    Formula:
        y = x, x, ..., x along `axis`; dx = the sum of the copies' gradients.
    Shapes:
        x (N, C, ...), y (N, tiles * C, ...) for the default axis 1.
    Source:
        As in Caffe.
    Example:
        layer { name: "twice" type: "Tile" bottom: "x" top: "y" tile_param { axis: 1 tiles: 2 } }
    """

    type = "Tile"
    example = ((2, 3, 2),)

    def plan(self, ctx: LayerContext) -> LayerPlan[TileFacts]:
        """The axis grows `tiles` times."""
        options = ctx.param.tile_param
        shape = ctx.shapes[0]
        axis = ctx.axis(options.axis, at=("tile_param", "axis"))
        if options.tiles < 1:
            raise ctx.error(
                f"tiles {options.tiles}" if options.HasField("tiles") else "no tiles",
                at=("tile_param", "tiles"),
                wanted="tile_param.tiles says how often to repeat, 1 or more",
            )
        top = BlobSpec((*shape[:axis], shape[axis] * options.tiles, *shape[axis + 1 :]))
        outer, inner = BlobSpec(shape[:axis]).count, BlobSpec(shape[axis:]).count
        return LayerPlan(tops=(top,), facts=TileFacts(outer, options.tiles, inner))

    def forward(self, io: LayerIO[TileFacts]) -> None:
        """Copy the bottom as often as it is repeated."""
        facts = io.facts
        y = io.tops[0].reshape(facts.outer, facts.tiles, facts.inner)
        y[...] = io.bottoms[0].reshape(facts.outer, 1, facts.inner)

    def backward(self, io: LayerIO[TileFacts]) -> None:
        """Add up the gradients of the copies."""
        if io.dbottoms[0] is not None:
            facts = io.facts
            dy = io.dtops[0].reshape(facts.outer, facts.tiles, facts.inner)
            np.sum(dy, axis=1, out=io.dbottoms[0].reshape(facts.outer, facts.inner))
