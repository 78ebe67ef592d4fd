"""RNN: a plain recurrent net over whole sequences."""

from __future__ import annotations

from mycaffe_py.kernels.activations import tanh_backward
from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.kernels.recurrent.recurrence import pack, rows_per_thread
from mycaffe_py.kernels.recurrent.rnn import rnn_backward, rnn_forward
from mycaffe_py.kernels.recurrent.squash import tanh_in_place
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.recurrent.recurrent import (
    RecurrentFacts,
    learned,
    project,
    project_backward,
    recurrent,
    recurrent_params,
    rest,
    rest_backward,
)


@register
class RNN(Layer[RecurrentFacts]):
    """A plain recurrent net: reads sequences step by step, its state squashed by tanh.

    Formula:
        h_t = tanh(W_x x_t + b + W_h cont_t h_t-1 (+ W_s s)); y_t = tanh(W_o h_t + b_o). Gradients
        run back through all T steps and stop at the batch's border.
    Shapes:
        x (T, N, ...) of D numbers a row, cont (T, N) 0 where a sequence starts and else 1,
        perhaps s (N, ...) the same at each step; y (T, N, H), H = num_output; W_x (H, D), b (H),
        with s W_s (H, Ds), W_h (H, H), W_o (H, H), b_o (H). With expose_hidden one more bottom
        h_0 and one more top h_T, both (1, N, H).
    Source:
        Elman: Finding Structure in Time, 1990. As in Caffe: unless exposed, each batch goes on
        from the state the last one ended with (the scratch blob `start`, zeros at first, of this
        net alone, saved with the solver), so cont must be 0 wherever that is not wanted.
        Differences: cont 0 forgets even a NaN, and gradients flow through exposed states (Caffe
        drops them).
    Example:
        layer {
          name: "memory" type: "RNN" bottom: "x" bottom: "cont" top: "y"
          recurrent_param { num_output: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "RNN"
    bottom_count = Count(2, 4)
    top_count = Count(1, 2)
    no_gradient = (1,)
    backward_reads = ("bottoms", "tops", "params", "scratch")
    example = ((3, 2, 4), (3, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[RecurrentFacts]:
        """One step of the top for each of the bottom."""
        for name in ("batch_first", "last_step_only"):
            if getattr(ctx.param.recurrent_param, name):
                raise ctx.error(
                    f"{name} true",
                    at=("recurrent_param", name),
                    wanted="an RNN reads (T, N, ...) and hands out all steps; an LSTM has this",
                )
        facts = recurrent(ctx, ("h_0",))
        sequence = Scratch(facts.sequence(facts.hidden))
        outputs = [learned(ctx, (facts.hidden,) * axes) for axes in (2, 1)]
        return LayerPlan(
            tops=(BlobSpec(facts.sequence(facts.hidden)), BlobSpec((1, *facts.state)))[
                : ctx.top_count
            ],
            params=(*recurrent_params(ctx, facts, facts.hidden), *outputs),
            scratch={
                "start": Scratch(facts.state, use="carried"),
                "h": sequence,
                "before": sequence,
                "doutputs": sequence,
                "dh": sequence,
                "dstart": Scratch(facts.state),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[RecurrentFacts]) -> None:
        """Make the sums, run step by step through tanh, then make the outputs of all steps."""
        facts = io.facts
        if not facts.steps:
            rest(io)
            return
        start, h = io.scratch["start"], io.scratch["h"]
        if facts.exposed:
            start[...] = io.bottoms[facts.first_state][0]
        project(io, h)
        w = pack(io.params[facts.recurrent_weight], transpose=True)
        block = rows_per_thread(facts.rows)
        rnn_forward(io.bottoms[1], w, block, start, io.scratch["before"], h)
        start[...] = h[-1]
        if facts.exposed:
            io.tops[1][0] = h[-1]
        y = io.tops[0]
        y[...] = io.params[-1]
        gemm(_table(h), io.params[-2], _table(y), transpose_b=True, accumulate=True)
        tanh_in_place(y.reshape(-1))

    def backward(self, io: LayerIO[RecurrentFacts]) -> None:
        """Run back through the outputs and step by step, then make the products over all steps."""
        facts = io.facts
        if not facts.steps:
            rest_backward(io)
            return
        h, doutputs, dh, dstart = (io.scratch[n] for n in ("h", "doutputs", "dh", "dstart"))
        tanh_backward(io.tops[0].reshape(-1), io.dtops[0].reshape(-1), doutputs.reshape(-1))
        dw, db = io.dparams[-2:]
        if dw is not None:
            gemm(_table(doutputs), _table(h), dw, transpose_a=True, accumulate=True)
        if db is not None:
            db += _table(doutputs).sum(axis=0)
        gemm(_table(doutputs), io.params[-2], _table(dh))
        dstart[...] = io.dtops[1][0] if facts.exposed else 0
        w = pack(io.params[facts.recurrent_weight])
        rnn_backward(io.bottoms[1], w, rows_per_thread(facts.rows), h, dh, dstart)
        project_backward(io, io.scratch["before"], dh)
        for dbottom in io.dbottoms[facts.first_state :]:
            if dbottom is not None:
                dbottom[0] = dstart


def _table(sequence: Array) -> Array:
    """(T, N, H) as (T N, H)."""
    return sequence.reshape(-1, sequence.shape[-1])
