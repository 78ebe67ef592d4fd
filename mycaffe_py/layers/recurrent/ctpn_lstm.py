"""CTPNLstm: the forks' Lstm, whose weights lie otherwise than those of Caffe's LSTM."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.kernels.recurrent.lstm_unit import unit_backward, unit_forward
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    register,
)
from mycaffe_py.layers.fillers import filled


@dataclass(frozen=True)
class CTPNLstmFacts:
    """Numbers of steps T, rows N, inputs D and hidden numbers H; `bound` 0 bounds no gradient."""

    steps: int
    rows: int
    inputs: int
    hidden: int
    bound: float
    marked: bool

    def sequence(self, width: int) -> Shape:
        """Shape of a sequence, (T, N, width)."""
        return (self.steps, self.rows, width)


@register
class CTPNLstm(Layer[CTPNLstmFacts]):
    """Long short-term memory as the forks' Lstm has it, where it is not Caffe's LSTM.

    Formula:
        i, f, o = sigmoid, g = tanh of W_i x_t + b + W_h h_t-1; c_t = f c_t-1 + i g;
        y_t = h_t = o tanh c_t. Where a sequence starts, h_t-1 and c_t-1 are 0: at step 0, or with
        cont wherever that is 0. Gradients run back through all T steps and stop at the batch's
        border. clipping_threshold bounds the gradient of the sums ahead of the gates at each step,
        so what is then learned is no exact gradient.
    Shapes:
        x (T, N, ...) of D numbers a row, perhaps cont (T, N), 0 where a sequence starts; y
        (T, N, H), H = num_output; W_i (4H, D), W_h (4H, H), b (4H), their rows in the order
        i, f, o, g. With batch_size, or x of two axes: x (T N, ...), step after step, y (T N, H)
        and cont of T N numbers.
    Source:
        Hochreiter, Schmidhuber: Long Short-Term Memory, 1997. As in the forks of CTPN, caffe_ocr
        and junhyukoh, whose texts write type: "Lstm" with lstm_param. With cont each batch goes on
        from the state the last one ended with (the scratch blobs `h` and `c`, zeros at first).
        There the gradient of W_h takes only the first row's state from the batch before, and an
        error at the end of a batch stays for the next one; here both are exact.
    Example:
        layer {
          name: "lstm" type: "CTPNLstm" bottom: "x" top: "y"
          lstm_param { num_output: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "CTPNLstm"
    bottom_count = Count(1, 2)
    no_gradient = (1,)
    backward_reads = ("bottoms", "params", "scratch")
    example = ((3, 2, 4),)

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """The sequence gets one; where sequences start does not."""
        return bottom == 0

    def plan(self, ctx: LayerContext) -> LayerPlan[CTPNLstmFacts]:
        """One step of the top for each of the bottom."""
        facts = _facts(ctx)
        shape = ctx.shapes[0]
        axes = 1 if _is_flat(ctx) else 2
        gates = Scratch(facts.sequence(4 * facts.hidden))
        state = (facts.rows, facts.hidden)
        further = Scratch((facts.steps + 1, *state))
        lstm = ctx.param.lstm_param
        sizes: list[Shape] = [(4 * facts.hidden, n) for n in (facts.inputs, facts.hidden)]
        at = ctx.where.at("lstm_param", "weight_filler")
        params = [filled(size, lstm.weight_filler, at) for size in sizes]
        at = ctx.where.at("lstm_param", "bias_filler")
        params.append(filled((4 * facts.hidden,), lstm.bias_filler, at))
        return LayerPlan(
            tops=(BlobSpec((*shape[:axes], facts.hidden)),),
            params=tuple(params),
            scratch={
                "h": Scratch(state, use="carried"),
                "c": Scratch(state, use="carried"),
                "cont": Scratch((facts.steps, facts.rows)),
                "before": further,
                "cells": further,
                "gates": gates,
                "dgates": gates,
                "squashed": Scratch(facts.sequence(facts.hidden)),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[CTPNLstmFacts]) -> None:
        """One product for the inputs of all steps, then step by step."""
        facts, own = io.facts, io.scratch
        if not facts.steps:
            return
        cont, before, cells, gates = (own[n] for n in ("cont", "before", "cells", "gates"))
        if facts.marked:
            cont[...] = io.bottoms[1].reshape(cont.shape) != 0
            before[0], cells[0] = own["h"], own["c"]
        else:
            cont[...], cont[0], before[0], cells[0] = 1, 0, 0, 0
        w_i, w_h, b = io.params
        gates[...] = b
        x = io.bottoms[0].reshape(-1, facts.inputs)
        gemm(x, w_i, _table(gates), transpose_b=True, accumulate=True)
        y = io.tops[0].reshape(facts.sequence(facts.hidden))
        for t in range(facts.steps):
            before[t][cont[t] == 0] = 0
            gemm(before[t], w_h, gates[t], transpose_b=True, accumulate=True)
            unit_forward(cont[t], cells[t], gates[t], own["squashed"][t], cells[t + 1], y[t])
            before[t + 1] = y[t]
        own["h"][...], own["c"][...] = y[-1], cells[-1]

    def backward(self, io: LayerIO[CTPNLstmFacts]) -> None:
        """Run back step by step, then make the products over all steps."""
        facts, own = io.facts, io.scratch
        dx = io.dbottoms[0]
        if not facts.steps:
            return
        dgates, cont = own["dgates"], own["cont"]
        dy = io.dtops[0].reshape(facts.sequence(facts.hidden))
        dc, through = np.zeros((2, facts.rows, facts.hidden), dy.dtype)
        for t in reversed(range(facts.steps)):
            dh = dy[t] + through
            steps = (own[name][t] for name in ("cont", "cells", "gates", "squashed"))
            unit_backward(*steps, dh, dc, dgates[t])
            if facts.bound > 0:
                np.clip(dgates[t], -facts.bound, facts.bound, out=dgates[t])
            gemm(dgates[t], io.params[1], through)
            through[cont[t] == 0] = 0
        table = _table(dgates)
        x = io.bottoms[0].reshape(-1, facts.inputs)
        dw_i, dw_h, db = io.dparams
        if dw_i is not None:
            gemm(table, x, dw_i, transpose_a=True, accumulate=True)
        if dw_h is not None:
            gemm(table, _table(own["before"][:-1]), dw_h, transpose_a=True, accumulate=True)
        if db is not None:
            db += table.sum(axis=0)
        if dx is not None:
            gemm(table, io.params[0], dx.reshape(-1, facts.inputs))


def _table(sequence: Array) -> Array:
    """(T, N, K) as (T N, K)."""
    return sequence.reshape(-1, sequence.shape[-1])


def _is_flat(ctx: LayerContext) -> bool:
    """Whether steps and rows share the first axis."""
    return ctx.param.lstm_param.HasField("batch_size") or len(ctx.shapes[0]) == 2


def _facts(ctx: LayerContext) -> CTPNLstmFacts:
    lstm, shape = ctx.param.lstm_param, ctx.shapes[0]
    if lstm.num_output < 1:
        raise ctx.error(
            "no num_output", at=("lstm_param",), do="Write for instance: num_output: 100"
        )
    if len(shape) < 2:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {shape}",
            at=("bottom", 0),
            wanted="steps, rows and their numbers, (T, N, D)",
        )
    if not lstm.clipping_threshold >= 0:
        raise ctx.error(
            f"clipping_threshold {lstm.clipping_threshold:g}",
            at=("lstm_param", "clipping_threshold"),
            wanted="more than 0, or 0 for none",
        )
    steps, rows, inputs = shape[0], shape[1], math.prod(shape[2:])
    if _is_flat(ctx):
        rows, inputs = lstm.batch_size, math.prod(shape[1:])
        if rows < 1 or shape[0] % rows:
            raise ctx.error(
                f"batch_size {rows}",
                at=("lstm_param", "batch_size"),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, whose first axis is divided "
                "into steps of so many rows",
            )
        steps = shape[0] // rows
    if inputs < 1:
        raise ctx.error(f"bottom is {shape}", at=("bottom", 0), wanted="at least one input")
    marked = len(ctx.bottoms) > 1
    if marked and ctx.bottoms[1].count != steps * rows:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[1]}' is {ctx.shapes[1]}",
            at=("bottom", 1),
            wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, which asks for {(steps, rows)}: "
            "0 where a sequence starts and else 1",
        )
    return CTPNLstmFacts(steps, rows, inputs, lstm.num_output, lstm.clipping_threshold, marked)
