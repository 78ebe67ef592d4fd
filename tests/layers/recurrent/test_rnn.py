"""RNN: states from batch to batch, exposed states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import recurrent as reference

RANDOM = np.random.default_rng(0)
T, N, D, H = 3, 2, 4, 5
X = RANDOM.normal(size=(T, N, D))
PARAMS = [RANDOM.normal(size=size) for size in ((H, D), (H,), (H, H), (H, H), (H,))]
SUMS = X @ PARAMS[0].T + PARAMS[1]
ONES = np.ones((T, N))


def _run(*bottoms: Any, options: str = "", tops: int = 1) -> LayerRun:
    ports = "".join(f'bottom: "x{k}" ' for k in range(len(bottoms)))
    ports += "".join(f'top: "y{k}" ' for k in range(tops))
    text = (
        f'layer {{ name: "memory" type: "RNN" {ports}\n'
        f"recurrent_param {{ num_output: {H} {options} }} }}"
    )
    return LayerRun(text, bottoms, params=PARAMS)


def _output(h: Any) -> Any:
    return np.tanh(h @ PARAMS[3].T + PARAMS[4])


def test_state_goes_on_from_batch_to_batch() -> None:
    run = _run(X, ONES)
    run.io.params = [value.copy() for value in run.values]
    run.io.scratch["start"][...] = 0
    h = np.zeros((N, H))
    for _ in range(2):
        wanted = reference.rnn(SUMS, ONES, PARAMS[2], h)
        run.layer.forward(run.io)
        np.testing.assert_allclose(run.io.tops[0], _output(wanted))
        h = wanted[-1]


def test_exposed_state() -> None:
    start = RANDOM.normal(size=(1, N, H))
    y, last = _run(X, ONES, start, options="expose_hidden: true", tops=2).forward()
    wanted = reference.rnn(SUMS, ONES, PARAMS[2], start[0])
    np.testing.assert_allclose(y, _output(wanted))
    np.testing.assert_allclose(last[0], wanted[-1])


def test_four_bottoms_need_an_exposed_state() -> None:
    with pytest.raises(UserError) as caught:
        _run(X, ONES, np.zeros((N, 2)), np.zeros((1, N, H)))
    assert str(caught.value) == (
        "test.prototxt:1: layer 'memory' (RNN): 4 bottoms; x, cont, perhaps a static one "
        "(expose_hidden: false)."
    )
