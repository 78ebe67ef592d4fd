"""Floor 3. LSTM: long short-term memory over whole sequences."""

from __future__ import annotations

from mycaffe_py.kernels.lstm import lstm_backward, lstm_forward
from mycaffe_py.kernels.recurrence import pack, rows_per_thread
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
from mycaffe_py.layers.recurrent import (
    Recurrent,
    project,
    project_backward,
    recurrent,
    recurrent_params,
)


@register
class LSTM(Layer):
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
    Source:
        Hochreiter, Schmidhuber: Long Short-Term Memory, 1997; the form with forget gates. As in
        Caffe: unless exposed, each batch goes on from the state the last one ended with (the
        scratch blobs `h` and `c`, zeros at first, of this net alone, in no snapshot), so cont must
        be 0 wherever that is not wanted. One product makes the gates of all steps. Differences:
        cont 0 forgets even a NaN, gradients flow through exposed states (Caffe drops them), and a
        cont between 0 and 1 has the right gradient.
    Example:
        layer {
          name: "memory" type: "LSTM" bottom: "x" bottom: "cont" top: "y"
          recurrent_param { num_output: 3 weight_filler { type: "xavier" } }
        }
    """

    type = "LSTM"
    bottom_count = Count(2, 5)
    top_count = Count(1, 3)
    no_gradient = (1,)
    backward_reads = ("bottoms", "params", "scratch")
    example = ((3, 2, 4), (3, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """One step of the top for each of the bottom."""
        facts = recurrent(ctx, ("h_0", "c_0"))
        state = BlobSpec((1, *facts.state))
        sequence = Scratch(facts.sequence(facts.hidden))
        gates = Scratch(facts.sequence(4 * facts.hidden))
        return LayerPlan(
            tops=(BlobSpec(facts.sequence(facts.hidden)), state, state)[: ctx.top_count],
            params=tuple(recurrent_params(ctx, facts, 4 * facts.hidden)),
            scratch={
                "h": Scratch(facts.state, use="kept"),
                "c": Scratch((facts.steps + 1, *facts.state), use="kept"),
                "gates": gates,
                "before": sequence,
                "squashed": sequence,
                "dgates": gates,
                "dh": Scratch(facts.state),
                "dc": Scratch(facts.state),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO) -> None:
        """The gates' sums of all steps, then step by step."""
        facts: Recurrent = io.facts
        room = io.scratch
        h, c = room["h"], room["c"]
        if facts.exposed:
            h[...], c[0] = (bottom[0] for bottom in io.bottoms[facts.first_state :])
        else:
            c[0] = c[-1]
        gates = room["gates"]
        project(io, gates)
        w = pack(io.params[facts.recurrent_weight], transpose=True)
        block = rows_per_thread(facts.rows)
        y = io.tops[0]
        lstm_forward(io.bottoms[1], w, block, h, gates, room["before"], room["squashed"], c, y)
        if facts.exposed:
            io.tops[1][0], io.tops[2][0] = y[-1], c[-1]
        else:
            h[...] = y[-1]

    def backward(self, io: LayerIO) -> None:
        """Step by step from the last, then the products over all steps."""
        facts: Recurrent = io.facts
        room = io.scratch
        dh, dc, dgates = room["dh"], room["dc"], room["dgates"]
        for state, dtop in zip((dh, dc), _exposed(io, facts), strict=True):
            state[...] = dtop
        w = pack(io.params[facts.recurrent_weight])
        block = rows_per_thread(facts.rows)
        gates, squashed, c = room["gates"], room["squashed"], room["c"]
        lstm_backward(io.bottoms[1], w, block, gates, squashed, c, io.dtops[0], dgates, dh, dc)
        project_backward(io, room["before"], dgates)
        for state, dbottom in zip((dh, dc), io.dbottoms[facts.first_state :], strict=False):
            if dbottom is not None:
                dbottom[0] = state


def _exposed(io: LayerIO, facts: Recurrent) -> list[Array | float]:
    """Gradients of h_T and c_T, 0 where these are no tops."""
    return [dtop[0] for dtop in io.dtops[1:]] if facts.exposed else [0.0, 0.0]
