"""Embed: a learned row for each whole number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.rows import add_rows
from mycaffe_py.layers.base import (
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.fillers import filled
from mycaffe_py.layers.index_blob import read_row_numbers


@dataclass(frozen=True)
class EmbedFacts:
    """How many rows the table has."""

    rows: int


@register
class Embed(Layer[EmbedFacts]):
    """Looks whole numbers up in a learned table: InnerProduct with one-hot rows, but cheap.

    Formula:
        y = w[x] + b; dw[x] += dy, db += the sum of dy over all rows.
    Shapes:
        x any shape, whole numbers 0 ... input_dim - 1; w (input_dim, K), b (K) unless bias_term
        is false, K = num_output; y the shape of x with K behind.
    Source:
        As in Caffe; x gets no gradient. Fractions are cut off; a number without a row stops.
    Example:
        layer {
          name: "words" type: "Embed" bottom: "x" top: "y"
          embed_param { input_dim: 4 num_output: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "Embed"
    no_gradient = (0,)
    backward_reads = ("scratch",)
    example = ((2, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[EmbedFacts]:
        """The table and the vector that is added."""
        options = ctx.param.embed_param
        for name in ("num_output", "input_dim"):
            if getattr(options, name) < 1:
                raise ctx.error(
                    f"{name} 0" if options.HasField(name) else f"no {name}",
                    at=("embed_param", name),
                    wanted="input_dim rows of num_output numbers, both 1 or more",
                )
        at = ctx.where.at
        table = (options.input_dim, options.num_output)
        params = [filled(table, options.weight_filler, at("embed_param", "weight_filler"))]
        if options.bias_term:
            params.append(filled(table[1:], options.bias_filler, at("embed_param", "bias_filler")))
        shape = ctx.shapes[0]
        return LayerPlan(
            tops=(BlobSpec((*shape, options.num_output)),),
            params=tuple(params),
            scratch={"index": Scratch(shape, np.int64)},
            facts=EmbedFacts(options.input_dim),
        )

    def forward(self, io: LayerIO[EmbedFacts]) -> None:
        """Copy rows, add the vector."""
        rows = io.facts.rows
        index = io.scratch["index"]
        index[...] = read_row_numbers(io, 0, rows, because=f"input_dim is {rows}")
        y = io.tops[0]
        np.take(io.params[0], index, axis=0, out=y, mode="clip")
        if len(io.params) > 1:
            y += io.params[1]

    def backward(self, io: LayerIO[EmbedFacts]) -> None:
        """Add each gradient to the row it came from."""
        index = io.scratch["index"].reshape(-1)
        dy = io.dtops[0].reshape(len(index), -1)
        if io.dparams[0] is not None:
            add_rows(dy, index, io.dparams[0])
        if len(io.dparams) > 1 and io.dparams[1] is not None:
            io.dparams[1] += dy.sum(axis=0)
