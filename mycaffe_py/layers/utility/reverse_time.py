"""ReverseTime: each sequence of a batch from its own end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import (
    TWO,
    Array,
    BlobSpec,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)


@dataclass(frozen=True)
class ReverseTimeFacts:
    """Whether what stands behind the end of a sequence is copied."""

    copies: bool


@register
class ReverseTime(Layer[ReverseTimeFacts]):
    """Turns each sequence of a batch: its last step comes first.

    Formula:
        y[t, n] = x[L - 1 - t, n] for t < L = lengths[n], cut to 0 ... T; behind, x[t, n] with
        copy_remaining, else 0. dx takes dy back the same way.
    Shapes:
        x (T, N, ...) steps and sequences, lengths (N,); y as x.
    Source:
        As in caffe_ocr, where without copy_remaining the rest of y is what was in memory.
    Example:
        layer {
          name: "back" type: "ReverseTime" bottom: "x" bottom: "lengths" top: "y"
          reverse_time_param { copy_remaining: true }
        }
    """

    type = "ReverseTime"
    bottom_count = TWO
    no_gradient = (1,)
    is_linear = True
    backward_reads = ("bottoms",)
    example = ((4, 3, 2), (3,))

    def plan(self, ctx: LayerContext) -> LayerPlan[ReverseTimeFacts]:
        """The shape stays."""
        shape, lengths = ctx.shapes
        if len(shape) < 2 or lengths != (shape[1],):
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {lengths}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}: steps, sequences and what they "
                "are of; and each sequence has a length",
            )
        facts = ReverseTimeFacts(ctx.param.reverse_time_param.copy_remaining)
        return LayerPlan(tops=(BlobSpec(shape),), facts=facts)

    def forward(self, io: LayerIO[ReverseTimeFacts]) -> None:
        """Sequence by sequence."""
        _turn(io.bottoms[0], io.bottoms[1], io.facts.copies, io.tops[0])

    def backward(self, io: LayerIO[ReverseTimeFacts]) -> None:
        """What is turned twice is as it was."""
        if io.dbottoms[0] is not None:
            _turn(io.dtops[0], io.bottoms[1], io.facts.copies, io.dbottoms[0])


def _turn(x: Array, lengths: Array, copies: bool, y: Array) -> None:
    ends = np.clip(np.nan_to_num(lengths), 0, len(x)).astype(int)
    for n, end in enumerate(ends):
        y[:end, n] = x[:end, n][::-1]
        y[end:, n] = x[end:, n] if copies else 0
