"""LSTM, RNN, LSTMUnit and the forks' Lstm.

A Scan runs the steps, so the file is as short for a hundred steps as for one. Each run of the file
starts from the states it is given, or from zeros: unlike a net here, a file remembers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.export.onnx.onnx_net import Body
from mycaffe_py.export.onnx.translator import Site, translates


@translates("LSTM")
def lstm(at: Site) -> None:
    """States h and c."""
    ports = _ports(at, states=2)
    w = _turned(at, ports.recurrent_weight)
    sequences = _sequences(at, ports)
    first = _first_states(at, ports)
    start = len(at.tape.ops)
    h, c, sums, *cont = _names(at, "h", "c", "sums_t", *ports.cont_t)
    carried = at.op("Mul", h, cont[0]) if cont else h
    gates = at.op("Add", sums, at.op("MatMul", carried, w))
    c_behind, h_behind = _cell(at, gates, c, cont[0] if cont else "")
    shown = () if ports.last_only else (at.op("Identity", h_behind),)
    body = at.tape.body(start, at.fresh("step"), (h, c, sums, *cont), (h_behind, c_behind, *shown))
    ends = _scan(at, ports, body, (*first, *sequences), at.y[0])
    if ports.last_only:
        at.same(ends[0], at.y[0])


@translates("RNN")
def rnn(at: Site) -> None:
    """State h; the outputs are made of all states at once."""
    ports = _ports(at, states=1)
    w = _turned(at, ports.recurrent_weight)
    sequences = _sequences(at, ports)
    first = _first_states(at, ports)
    start = len(at.tape.ops)
    h, sums, *cont = _names(at, "h", "sums_t", *ports.cont_t)
    carried = at.op("Mul", h, cont[0]) if cont else h
    h_behind = at.op("Tanh", at.op("Add", sums, at.op("MatMul", carried, w)))
    shown = () if ports.last_only else (at.op("Identity", h_behind),)
    body = at.tape.body(start, at.fresh("step"), (h, sums, *cont), (h_behind, *shown))
    states = at.fresh("states")
    (end,) = _scan(at, ports, body, (*first, *sequences), states)
    last = len(at.arrays) - 1
    product = at.op("MatMul", end if ports.last_only else states, _turned(at, last - 1))
    at.op("Tanh", at.op("Add", product, at.param(last)), out=at.y[0])


@translates("LSTMUnit")
def lstm_unit(at: Site) -> None:
    """One step."""
    cont = at.unsqueeze(at.x[2], 2)
    _cell(at, at.x[1], at.x[0], cont, out=(at.y[0], at.y[1]), axis=2)


@translates("CTPNLstm")
def ctpn_lstm(at: Site) -> None:
    """States h and c, from zeros; any mark but 0 goes on."""
    facts = at.facts
    marked = len(at.x) > 1
    ports = _Ports(2, facts.hidden, marked=marked)
    x = at.op("Reshape", at.x[0], at.whole(-1, facts.rows, facts.inputs))
    sums = at.op("Add", at.op("MatMul", x, _turned(at, 0)), at.param(2))
    marks = [at.op("Sign", at.op("Abs", at.x[1]))] if marked else []
    marks = [at.op("Reshape", mark, at.whole(-1, facts.rows, 1)) for mark in marks]
    w = _turned(at, 1)
    rows = at.constant(np.zeros((facts.rows, facts.hidden)))
    start = len(at.tape.ops)
    h, c, sums_t, *cont = _names(at, "h", "c", "sums_t", *ports.cont_t)
    carried = at.op("Mul", h, cont[0]) if cont else h
    gates = at.op("Add", sums_t, at.op("MatMul", carried, w))
    c_behind, h_behind = _cell(at, gates, c, cont[0] if cont else "")
    ends = (h_behind, c_behind, at.op("Identity", h_behind))
    body = at.tape.body(start, at.fresh("step"), (h, c, sums_t, *cont), ends)
    steps = at.fresh("steps")
    _scan(at, ports, body, (rows, rows, sums, *marks), steps)
    at.reshape(steps, at.tops[0], out=at.y[0])


@dataclass(frozen=True)
class _Ports:
    """How many states there are, of how many numbers, and which bottoms and tops there are."""

    states: int
    hidden: int
    exposed: bool = False
    batch_first: bool = False
    last_only: bool = False
    marked: bool = False
    static: bool = False

    @property
    def recurrent_weight(self) -> int:
        """Which parameter W_h is."""
        return 3 if self.static else 2

    @property
    def cont_t(self) -> tuple[str, ...]:
        """What the mark of a step is called, if there are marks."""
        return ("cont_t",) if self.marked else ()


def _ports(at: Site, states: int) -> _Ports:
    options = at.options.recurrent_param
    shown = states if options.expose_hidden else 0
    return _Ports(
        states=states,
        hidden=options.num_output,
        exposed=options.expose_hidden,
        batch_first=options.batch_first,
        last_only=options.last_step_only,
        marked=len(at.x) > 1,
        static=len(at.x) - shown > 2,
    )


def _names(at: Site, *names: str) -> list[str]:
    return [at.fresh(name) for name in names]


def _turned(at: Site, index: int) -> str:
    """A matrix (K, D) as (D, K)."""
    return at.op("Transpose", at.param(index), perm=(1, 0))


def _cell(
    at: Site, gates: str, c: str, cont: str, out: tuple[str, str] = ("", ""), axis: int = 1
) -> tuple[str, str]:
    """c = cont f c + i g and h = o tanh c; the gates lie side by side on an axis."""
    i, f, o, g = at.ops("Split", gates, out=_names(at, "i", "f", "o", "g"), axis=axis)
    kept = at.op("Mul", at.op("Sigmoid", f), c)
    if cont:
        kept = at.op("Mul", cont, kept)
    new = at.op("Mul", at.op("Sigmoid", i), at.op("Tanh", g))
    behind = at.op("Add", kept, new, out=out[0])
    return behind, at.op("Mul", at.op("Sigmoid", o), at.op("Tanh", behind), out=out[1])


def _sequences(at: Site, ports: _Ports) -> list[str]:
    """(T, N, K) sums without recurrence, and marks (T, N, 1) if there are any."""
    dims = at.bottoms[0]
    x = at.x[0]
    if len(dims) != 3:
        inputs = at.arrays[0].shape[1]
        x = at.reshape(x, (*dims[:2], inputs))
    marks = [at.unsqueeze(at.x[1], 2)] if ports.marked else []
    x, *marks = (_steps_first(at, ports, name) for name in (x, *marks))
    sums = at.op("Add", at.op("MatMul", x, _turned(at, 0)), at.param(1))
    if ports.static:
        static = at.op("Gemm", at.op("Flatten", at.x[2], axis=1), at.param(2), transB=1)
        sums = at.op("Add", sums, static)
    return [sums, *marks]


def _steps_first(at: Site, ports: _Ports, x: str) -> str:
    return at.op("Transpose", x, perm=(1, 0, 2)) if ports.batch_first else x


def _first_states(at: Site, ports: _Ports) -> list[str]:
    """(N, H) each: the bottoms, or zeros."""
    if ports.exposed:
        return [at.op("Squeeze", state, at.whole(0)) for state in at.x[-ports.states :]]
    axis = 0 if ports.batch_first else 1
    rows = at.op("Slice", at.op("Shape", at.x[0]), at.whole(axis), at.whole(axis + 1))
    shape = at.op("Concat", rows, at.whole(ports.hidden), axis=0)
    return [at.op("ConstantOfShape", shape)] * ports.states


def _scan(at: Site, ports: _Ports, body: Body, inputs: tuple[str, ...], y: str) -> list[str]:
    """Run the steps; returns the states behind the last. All h become `y`, unless unwanted."""
    ends = _names(at, *["end"] * ports.states)
    turned = ports.batch_first and not ports.last_only
    all_steps = [] if ports.last_only else [at.fresh("steps") if turned else y]
    sequences = len(inputs) - ports.states
    at.ops("Scan", *inputs, out=[*ends, *all_steps], body=body, num_scan_inputs=sequences)
    if turned:
        at.op("Transpose", all_steps[0], out=y, perm=(1, 0, 2))
    if ports.exposed:
        for end, top in zip(ends, at.y[1:], strict=True):
            at.unsqueeze(end, 0, out=top)
    return ends
