"""Cases of the recurrent layers.

The harness forgets scratch between forwards, so every sequence starts inside its batch unless the
state is exposed; tests/layers/recurrent/test_lstm.py and tests/layers/recurrent/test_rnn.py go from
batch to batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from tests.layers.cases import Case, Maker, Setting


def _marked(at: int, *, start: bool) -> Maker:
    """Normal numbers, but flags in bottom `at`: 0, 0.5 or 1, with `start` all 0 at step 0."""

    def make(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
        made = [random.normal(size=shape) for shape in shapes]
        made[at] = random.choice([0, 0.5, 1, 1], size=shapes[at])
        if start:
            made[at][0] = 0
        return made

    return make


def _lengths(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Steps, and how many of them each sequence has."""
    return [random.normal(size=shapes[0]), np.arange(shapes[1][0]) + 1.0]


EXAMPLES = {
    "ReverseTime": Setting(bottoms=_lengths),
    "LSTM": Setting(bottoms=_marked(1, start=True)),
    "RNN": Setting(bottoms=_marked(1, start=True)),
    "LSTMUnit": Setting(bottoms=_marked(2, start=False)),
}
_STATES = {"LSTM": 2, "RNN": 1}


def _text(kind: str, options: str, bottoms: int, tops: int) -> str:
    ports = "".join(f' bottom: "x{k}"' for k in range(bottoms))
    ports += "".join(f' top: "y{k}"' for k in range(tops))
    return (
        f'layer {{ name: "tried" type: "{kind}"{ports} '
        f"recurrent_param {{ num_output: 3 {options} }} }}"
    )


def _cases(kind: str) -> list[Case]:
    states = _STATES[kind]
    start = Setting(bottoms=_marked(1, start=True))
    anywhere = Setting(bottoms=_marked(1, start=False))
    shown = [(1, 2, 3)] * states
    return [
        Case(f"{kind} static", _text(kind, "", 3, 1), [(3, 2, 4), (3, 2), (2, 5)], start),
        Case(f"{kind} of more than a tile", _text(kind, "", 2, 1), [(2, 15, 2), (2, 15)], start),
        Case(
            f"{kind} exposed",
            _text(kind, "expose_hidden: true", 2 + states, 1 + states),
            [(3, 2, 2, 2), (3, 2), *shown],
            anywhere,
        ),
        Case(
            f"{kind} exposed and static",
            _text(kind, "expose_hidden: true", 3 + states, 1 + states),
            [(1, 2, 4), (1, 2), (2, 2, 2), *shown],
            anywhere,
        ),
    ]


def _forks(bottoms: int, options: str = "") -> str:
    ports = "".join(f' bottom: "x{k}"' for k in range(bottoms))
    return (
        f'layer {{ name: "tried" type: "CTPNLstm"{ports} top: "y" '
        f"lstm_param {{ num_output: 3 {options} }} }}"
    )


def _reverse(axis: int) -> str:
    ports = 'bottom: "x" top: "y"'
    return f'layer {{ name: "r" type: "Reverse" {ports} reverse_param {{ axis: {axis} }} }}'


def _reader(bottoms: str, tops: str) -> str:
    ports = " ".join([*(f'bottom: "{b}"' for b in bottoms), *(f'top: "{t}"' for t in tops)])
    return f'layer {{ name: "d" type: "CTCGreedyDecoder" {ports} }}'


_FIRST = "batch_first: true"
_LAST = "last_step_only: true"
CASES = [
    *_cases("LSTM"),
    *_cases("RNN"),
    Case("LSTM of whole sequences", _text("LSTM", "", 1, 1), [(4, 3, 2)]),
    Case("LSTM batch first", _text("LSTM", _FIRST, 1, 1), [(3, 4, 2)]),
    Case("LSTM last step", _text("LSTM", f"{_FIRST} {_LAST}", 1, 1), [(15, 3, 2)]),
    Case(
        "LSTM last step, all ports",
        _text("LSTM", f"{_LAST} expose_hidden: true", 5, 3),
        [(3, 2, 4), (3, 2), (2, 2), (1, 2, 3), (1, 2, 3)],
        Setting(bottoms=_marked(1, start=False)),
    ),
    Case("LSTM of many inputs", _text("LSTM", _FIRST, 1, 1), [(2, 3, 130)]),
    Case(
        "CTPNLstm marked", _forks(2), [(4, 3, 2), (4, 3)], Setting(bottoms=_marked(1, start=True))
    ),
    Case("CTPNLstm of flat steps", _forks(1, "batch_size: 2"), [(6, 2, 2)]),
    Case("CTPNLstm of one row", _forks(1), [(5, 4)]),
    Case("Reverse of rows", _reverse(0), [(3, 2)]),
    Case("Reverse of the last axis", _reverse(-1), [(2, 2, 5)]),
    Case("CTCGreedyDecoder alone", _reader("x", "y"), [(5, 3, 4)]),
    Case("CTCGreedyDecoder of rows", _reader("xw", "a"), [(5, 3, 4), (3, 2)]),
    Case("CTCGreedyDecoder scores", _reader("xm", "ys"), [(5, 3, 4), (5, 3)]),
    Case("CTCGreedyDecoder compares", _reader("xmw", "ya"), [(5, 3, 4), (5, 3), (5, 3)]),
    Case("CTCGreedyDecoder all", _reader("xmw", "ysa"), [(5, 3, 4), (5, 3), (5, 3)]),
]
