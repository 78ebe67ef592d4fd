"""LSTMUnit: one step of a long short-term memory, for nets that unroll it themselves."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.recurrent.lstm_unit import unit_backward, unit_forward
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)


@register
class LSTMUnit(Layer):
    """One step of a long short-term memory from the sums in front of its gates.

    Formula:
        i, f, o = sigmoid, g = tanh of the four parts of a row of sums;
        c = cont f c_before + i g; h = o tanh c.
    Shapes:
        c_before (1, N, H), sums (1, N, 4H) in the order i, f, o, g, cont (1, N) 0 where a
        sequence starts and else 1; c and h (1, N, H).
    Source:
        As in Caffe; cont gets no gradient. cont 0 forgets even a NaN, and a cont between 0 and 1
        has the right gradient.
    Example:
        layer {
          name: "step" type: "LSTMUnit" bottom: "c_before" bottom: "sums" bottom: "cont"
          top: "c" top: "h"
        }
    """

    type = "LSTMUnit"
    spellings = ("LSTM_Unit",)
    bottom_count = Count(3, 3)
    top_count = Count(2, 2)
    no_gradient = (2,)
    backward_reads = ("bottoms", "scratch")
    example = ((1, 2, 3), (1, 2, 12), (1, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Both tops have the shape of the state before."""
        state = ctx.shapes[0]
        if len(state) != 3 or state[0] != 1:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {state}",
                at=("bottom", 0),
                wanted="a state, (1, rows, hidden numbers)",
            )
        for index, wanted in ((1, (*state[:2], 4 * state[2])), (2, state[:2])):
            if ctx.shapes[index] != wanted:
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {ctx.shapes[index]}",
                    at=("bottom", index),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {state}, which asks for {wanted}",
                )
        return LayerPlan(
            tops=(BlobSpec(state),) * 2,
            scratch={"gates": Scratch(ctx.shapes[1]), "squashed": Scratch(state)},
        )

    def forward(self, io: LayerIO) -> None:
        """Make the gates, then the state."""
        before, sums, cont = (bottom[0] for bottom in io.bottoms)
        c, h = (top[0] for top in io.tops)
        gates = io.scratch["gates"][0]
        gates[...] = sums
        unit_forward(cont, before, gates, io.scratch["squashed"][0], c, h)

    def backward(self, io: LayerIO) -> None:
        """Gradients of the state before and of the sums."""
        before, cont = io.bottoms[0][0], io.bottoms[2][0]
        dc, dh = (dtop[0] for dtop in io.dtops)
        gates, squashed = io.scratch["gates"][0], io.scratch["squashed"][0]
        dbefore = np.empty_like(dc) if io.dbottoms[0] is None else io.dbottoms[0][0]
        dsums = np.empty_like(gates) if io.dbottoms[1] is None else io.dbottoms[1][0]
        dbefore[...] = dc
        unit_backward(cont, before, gates, squashed, dh, dbefore, dsums)
