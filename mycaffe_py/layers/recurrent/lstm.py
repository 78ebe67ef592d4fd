"""LSTM: long short-term memory over whole sequences."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.kernels.recurrent.lstm_arrays import Gradients, Sizes, Top, Trace
from mycaffe_py.kernels.recurrent.lstm_backward import lstm_backward
from mycaffe_py.kernels.recurrent.lstm_forward import lstm_forward
from mycaffe_py.kernels.recurrent.lstm_weights import rows_in_order
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.recurrent import lstm_sums
from mycaffe_py.layers.recurrent.lstm_sizes import scratch, sizes_of
from mycaffe_py.layers.recurrent.recurrent import (
    RecurrentFacts,
    recurrent,
    recurrent_params,
    rest,
    rest_backward,
)


@dataclass(frozen=True)
class LSTMFacts(RecurrentFacts):
    """`last_only`: the top holds the h of the last step alone."""

    last_only: bool = False

    @property
    def place_of_y(self) -> Top:
        """Which steps the top holds, and how far there two steps and two rows are apart."""
        if self.last_only:
            return Top(self.steps - 1, 0, self.hidden)
        if self.batch_first:
            return Top(0, self.hidden, self.steps * self.hidden)
        return Top(0, self.rows * self.hidden, self.hidden)


@register
class LSTM(Layer[LSTMFacts]):
    """Long short-term memory: reads sequences step by step and remembers through gates.

    Formula:
        i, f, o = sigmoid, g = tanh of W_x x_t + b + W_h cont_t h_t-1 (+ W_s s);
        c_t = cont_t f c_t-1 + i g; y_t = h_t = o tanh c_t. Gradients run back through all T steps
        and stop at the batch's border.
    Shapes:
        x (T, N, ...) of D numbers a row, cont (T, N) 0 where a sequence starts and else 1,
        perhaps s (N, ...) the same at each step; y (T, N, H), H = num_output; W_x (4H, D),
        b (4H), with s W_s (4H, Ds), W_h (4H, H), their rows in the order i, f, o, g. With
        expose_hidden two more bottoms h_0, c_0 and two more tops h_T, c_T, each (1, N, H).
        With batch_first x (N, T, ...), cont (N, T), y (N, T, H). x alone: all sequences start at
        step 0. last_step_only: y (N, H), the last h.
    Source:
        Hochreiter, Schmidhuber: Long Short-Term Memory, 1997; the form with forget gates. As in
        Caffe: unless exposed, each batch goes on from the state the last one ended with (the
        scratch blobs `h` and `c`, zeros at first, of this net alone, saved with the solver), so
        cont must be 0 wherever that is not wanted. batch_first is MyCaffe's; x alone
        and last_step_only are ours. Differences: cont 0 forgets even a NaN, gradients flow through
        exposed states (Caffe drops them), and a cont between 0 and 1 has the right gradient.
    Example:
        layer {
          name: "memory" type: "LSTM" bottom: "x" bottom: "cont" top: "y"
          recurrent_param { num_output: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "LSTM"
    bottom_count = Count(1, 5)
    top_count = Count(1, 3)
    no_gradient = (1,)
    backward_reads = ("bottoms", "params", "scratch")
    example = ((3, 2, 4), (3, 2))

    def keeps_rows_apart(self, ctx: LayerContext) -> bool:
        """Yes with batch_first, where all sequences start at step 0."""
        return ctx.param.recurrent_param.batch_first and len(ctx.bottoms) == 1

    def plan(self, ctx: LayerContext) -> LayerPlan[LSTMFacts]:
        """One step of the top for each of the bottom, or the last alone."""
        last_only = ctx.param.recurrent_param.last_step_only
        facts = LSTMFacts(**vars(recurrent(ctx, ("h_0", "c_0"))), last_only=last_only)
        batch = (facts.rows, facts.steps) if facts.batch_first else (facts.steps, facts.rows)
        y = facts.state if last_only else (*batch, facts.hidden)
        state = BlobSpec((1, *facts.state))
        return LayerPlan(
            tops=(BlobSpec(y), state, state)[: ctx.top_count],
            params=tuple(recurrent_params(ctx, facts, 4 * facts.hidden)),
            scratch=scratch(facts),
            facts=facts,
        )

    def forward(self, io: LayerIO[LSTMFacts]) -> None:
        """Lay out what the sums are made of, then run step by step."""
        facts = io.facts
        if not facts.steps:
            rest(io)
            return
        y, own = io.tops[0], io.scratch
        sizes = sizes_of(facts, y.dtype)
        h, c = own["h"], own["c"]
        if facts.exposed:
            h[...], c[...] = (bottom[0] for bottom in io.bottoms[facts.first_state :])
        lstm_sums.read_bottoms(io, sizes)
        ahead = lstm_sums.sums_ahead(io, sizes)
        inputs, w = own["inputs"], lstm_sums.weights(io, sizes)
        lstm_forward(
            sizes.block,
            Sizes(facts.steps, facts.rows, facts.hidden, sizes.stride, sizes.depth),
            *(array.reshape(-1) for array in (inputs, w, ahead, own["cont"])),
            facts.place_of_y,
            Trace(*(own[name].reshape(-1) for name in Trace._fields)),
            y.reshape(-1),
        )
        h[...], c[...] = (own[name][-1, :, : facts.hidden] for name in ("inputs", "cells"))
        if facts.exposed:
            io.tops[1][0], io.tops[2][0] = h, c

    def backward(self, io: LayerIO[LSTMFacts]) -> None:
        """Run back step by step, then make the products over all steps."""
        facts = io.facts
        if not facts.steps:
            rest_backward(io)
            return
        own = io.scratch
        sizes = sizes_of(facts, io.dtops[0].dtype)
        dstates = (own["dh"], own["dc"])
        for number, dstate in enumerate(dstates):
            dstate[...] = 0
            if facts.exposed:
                dstate[:, : facts.hidden] = io.dtops[1 + number][0]
        w_h = io.params[facts.recurrent_weight]
        w = rows_in_order(w_h, facts.hidden, sizes.lanes, columns=sizes.padded)
        gradients = (own["dgates"], *dstates, own["dw"])
        lstm_backward(
            sizes.block,
            Sizes(facts.steps, facts.rows, facts.hidden, sizes.stride, sizes.dw[2]),
            w.reshape(-1),
            own["cont"].reshape(-1),
            facts.place_of_y,
            facts.exposed,
            Trace(*(own[name].reshape(-1) for name in Trace._fields)),
            io.dtops[0].reshape(-1),
            own["inputs"].reshape(-1),
            Gradients(*(array.reshape(-1) for array in gradients)),
        )
        lstm_sums.add_gradients(io, sizes)
        lstm_sums.set_gradients(io, sizes)
        for dstate, dbottom in zip(dstates, io.dbottoms[facts.first_state :], strict=False):
            if dbottom is not None:
                dbottom[0] = dstate[:, : facts.hidden]
