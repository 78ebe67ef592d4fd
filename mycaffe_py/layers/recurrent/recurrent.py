"""What LSTM and RNN share: their ports, their geometry, and the part without recurrence.

Parameters of both begin with W_x (K, D), b (K), with a static bottom W_s (K, Ds), then W_h (K, H);
K is 4H for an LSTM and H for an RNN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.layers.base import Array, LayerContext, LayerIO, ParamBlob, Shape
from mycaffe_py.layers.fillers import filled


@dataclass(frozen=True)
class RecurrentFacts:
    """Numbers of steps T, rows N, inputs D, static inputs (0: none) and hidden numbers H.

    `marked`: a bottom says where sequences start. `batch_first`: the net has rows before steps.
    """

    steps: int
    rows: int
    inputs: int
    static: int
    hidden: int
    exposed: bool
    marked: bool = True
    batch_first: bool = False

    @property
    def has_static(self) -> bool:
        """Whether there is a static bottom."""
        return self.static > 0

    @property
    def first_state(self) -> int:
        """The bottom that holds the first hidden state, if exposed."""
        return 3 if self.has_static else 2

    @property
    def recurrent_weight(self) -> int:
        """Which parameter W_h is."""
        return 3 if self.has_static else 2

    @property
    def state(self) -> Shape:
        """Shape of a state, (N, H)."""
        return (self.rows, self.hidden)

    def sequence(self, width: int) -> Shape:
        """Shape of a sequence, (T, N, width)."""
        return (self.steps, self.rows, width)

    def outside(self, array: Array) -> Array:
        """A view of `array` with steps and rows exchanged where the net has rows first."""
        return array.swapaxes(0, 1) if self.batch_first else array


def recurrent(ctx: LayerContext, states: Sequence[str]) -> RecurrentFacts:
    """Check the ports of a layer with hidden states of these names, and its num_output."""
    options = ctx.param.recurrent_param
    if options.num_output < 1:
        raise ctx.error(
            "no num_output", at=("recurrent_param",), do="Write for instance: num_output: 100"
        )
    static = _count_ports(ctx, states if options.expose_hidden else ()) == 1
    x = ctx.shapes[0]
    if len(x) < 2:
        order = "a batch axis, a time axis" if options.batch_first else "a time axis, a batch axis"
        raise ctx.error(
            f"bottom '{ctx.param.bottom[0]}' is {x}",
            at=("bottom", 0),
            wanted=f"it needs {order}, and then any others",
        )
    facts = RecurrentFacts(
        steps=x[1 if options.batch_first else 0],
        rows=x[0 if options.batch_first else 1],
        inputs=math.prod(x[2:]),
        static=math.prod(ctx.shapes[2][1:]) if static else 0,
        hidden=options.num_output,
        exposed=options.expose_hidden,
        marked=len(ctx.bottoms) > 1,
        batch_first=options.batch_first,
    )
    if facts.marked and ctx.shapes[1] != x[:2]:
        raise _wrong_shape(ctx, 1, f"{x[:2]}, 0 where a sequence starts and else 1")
    if static and ctx.shapes[2][:1] != (facts.rows,):
        raise _wrong_shape(ctx, 2, f"one row for each of the {x[1]} of the batch")
    for index in range(facts.first_state, len(ctx.bottoms)):
        if ctx.shapes[index] != (1, *facts.state):
            raise _wrong_shape(ctx, index, f"a state, {(1, *facts.state)}")
    return facts


def _count_ports(ctx: LayerContext, states: Sequence[str]) -> int:
    """How many bottoms there are beside x, cont and the states: 0 or 1, else an error."""
    further = max(len(ctx.bottoms), 2) - 2 - len(states)
    named = "".join(f", {name}" for name in states)
    if further not in (0, 1):
        raise ctx.error(
            f"{len(ctx.bottoms)} bottoms",
            at=("bottom", len(ctx.bottoms) - 1),
            wanted=f"x, cont, perhaps a static one{named} (expose_hidden: "
            f"{'true' if states else 'false'})",
        )
    if ctx.top_count != 1 + len(states):
        raise ctx.error(
            f"{ctx.top_count} tops",
            at=("top", ctx.top_count - 1),
            wanted=f"y{named} (expose_hidden: {'true' if states else 'false'})",
        )
    return further


def _wrong_shape(ctx: LayerContext, bottom: int, wanted: str) -> Exception:
    return ctx.error(
        f"bottom '{ctx.param.bottom[bottom]}' is {ctx.shapes[bottom]}",
        at=("bottom", bottom),
        wanted=f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}, which asks for {wanted}",
    )


def recurrent_params(ctx: LayerContext, facts: RecurrentFacts, width: int) -> list[ParamBlob]:
    """W_x, b, with a static bottom W_s, and W_h for K = width."""
    sizes: list[Shape] = [(width, facts.inputs), (width,)]
    if facts.has_static:
        sizes.append((width, facts.static))
    return [learned(ctx, size) for size in (*sizes, (width, facts.hidden))]


def learned(ctx: LayerContext, size: Shape) -> ParamBlob:
    """A parameter: weight_filler for two axes, bias_filler for one."""
    name = "weight_filler" if len(size) == 2 else "bias_filler"
    filler = getattr(ctx.param.recurrent_param, name)
    return filled(size, filler, ctx.where.at("recurrent_param", name))


def rest(io: LayerIO) -> None:
    """Forward without any steps: states come out as they went in; a last step is h_0, or 0."""
    facts: RecurrentFacts = io.facts
    states = io.bottoms[facts.first_state :] if facts.exposed else []
    io.tops[0][...] = states[0][0] if states else 0
    for top, state in zip(io.tops[1:], states, strict=True):
        top[...] = state


def rest_backward(io: LayerIO) -> None:
    """Backward without any steps: only the gradients of states are passed on."""
    facts: RecurrentFacts = io.facts
    for dbottom in io.dbottoms:
        if dbottom is not None:
            dbottom.fill(0)
    states = io.dbottoms[facts.first_state :] if facts.exposed else []
    for number, dstate in enumerate(states):
        if dstate is None:
            continue
        dstate += io.dtops[1 + number]
        if number == 0 and io.dtops[0].size:
            dstate[0] += io.dtops[0]


def project(io: LayerIO, sums_out: Array) -> None:
    """sums_out (T, N, K) = W_x x + b, with a static bottom + W_s s: one product for all steps."""
    facts: RecurrentFacts = io.facts
    added = io.params[1]
    if facts.has_static:
        rows = np.empty((facts.rows, len(added)), added.dtype)
        gemm(io.bottoms[2].reshape(facts.rows, -1), io.params[2], rows, transpose_b=True)
        added = rows + added
    sums_out[...] = added
    x = io.bottoms[0].reshape(-1, facts.inputs)
    table = sums_out.reshape(len(x), -1)
    gemm(x, io.params[0], table, transpose_b=True, accumulate=True)


def project_backward(io: LayerIO, before: Array, dsums: Array) -> None:
    """Gradients of W_x, b, W_s, W_h, x and s from those of the sums (T, N, K).

    `before` (T, N, H) is what W_h was multiplied with.
    """
    facts: RecurrentFacts = io.facts
    x = io.bottoms[0].reshape(-1, facts.inputs)
    table = dsums.reshape(len(x), -1)
    dw_x, db = io.dparams[:2]
    dw_h = io.dparams[facts.recurrent_weight]
    dx = io.dbottoms[0]
    if dw_x is not None:
        gemm(table, x, dw_x, transpose_a=True, accumulate=True)
    if db is not None:
        db += table.sum(axis=0)
    if dw_h is not None:
        gemm(table, before.reshape(len(x), -1), dw_h, transpose_a=True, accumulate=True)
    if dx is not None:
        gemm(table, io.params[0], dx.reshape(len(x), -1))
    if facts.has_static:
        _static_backward(io, dsums.sum(axis=0))


def _static_backward(io: LayerIO, dsums: Array) -> None:
    dw, ds = io.dparams[2], io.dbottoms[2]
    static = io.bottoms[2].reshape(len(dsums), -1)
    if dw is not None:
        gemm(dsums, static, dw, transpose_a=True, accumulate=True)
    if ds is not None:
        gemm(dsums, io.params[2], ds.reshape(len(dsums), -1))
