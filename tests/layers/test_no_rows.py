"""Layers behind a Filter that keeps no row: nothing is learned, and sums and losses are 0."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from tests.graph.nets import graph_of, inner_product


def _input(name: str, *dims: int) -> str:
    shape = " ".join(f"dim: {dim}" for dim in dims)
    return (
        f'layer {{ name: "{name}" type: "Input" top: "{name}" '
        f"input_param {{ shape {{ {shape} }} }} }}\n"
    )


ROWS = (
    _input("x", 4, 3)
    + _input("label", 4)
    + _input("keep", 4)
    + inner_product("ip", "x", "h")
    + 'layer { name: "f" type: "Filter" bottom: "h" bottom: "label" bottom: "keep" '
    'top: "fh" top: "fl" }\n'
)
STEPS = (
    _input("x", 4, 2, 3)
    + _input("cont", 4, 2)
    + _input("keep", 4)
    + _input("h0", 1, 2, 5)
    + _input("c0", 1, 2, 5)
    + 'layer { name: "f" type: "Filter" bottom: "x" bottom: "cont" bottom: "keep" '
    'top: "fx" top: "fc" }\n'
)


def _net(text: str, passes: tuple[str, ...] = ()) -> Net:
    net = Net(graph_of(text, passes=passes), seed=1)
    draws = np.random.default_rng(0)
    for name in net.graph.inputs:
        net.blob(name)[...] = draws.normal(size=net.blob(name).shape)
    for name in ("label", "cont"):
        if name in net.graph.inputs:
            net.blob(name)[...] = 1
    return net


def _step(net: Net, keep: float) -> float:
    net.blob("keep")[...] = keep
    net.clear_gradients()
    loss = net.forward()
    net.backward()
    return loss


@pytest.mark.parametrize("passes", [(), ALL_PASSES], ids=["plain", "optimised"])
def test_the_mean_of_nothing_is_0(passes: tuple[str, ...]) -> None:
    net = _net(
        ROWS + 'layer { name: "m" type: "Reduction" bottom: "fh" top: "m" loss_weight: 1 '
        "reduction_param { operation: MEAN } }\n",
        passes,
    )
    loss = _step(net, 1)
    assert _step(net, 0) == 0
    assert not net.params.diff.any()
    assert _step(net, 1) == loss != 0


@pytest.mark.parametrize("passes", [(), ALL_PASSES], ids=["plain", "optimised"])
def test_centroids_stay(passes: tuple[str, ...]) -> None:
    net = _net(
        ROWS + 'layer { name: "d" type: "Decode" bottom: "fh" bottom: "fl" top: "d" top: "c" '
        "decode_param { label_count: 2 cache_size: 3 } }\n"
        'layer { name: "a" type: "AccuracyDecode" bottom: "d" bottom: "fl" top: "a" }\n'
        'layer { name: "e" type: "AccuracyEncoding" bottom: "fh" bottom: "fl" top: "e" }\n',
        passes,
    )
    _step(net, 1)
    before = {key: value.copy() for key, value in net.values.items()}
    assert before["d[2]"][1] == 4
    _step(net, 0)
    assert net.blob("d").shape == (0, 2)
    for key, value in before.items():
        np.testing.assert_array_equal(net.values[key], value)
    _step(net, 1)
    assert net.values["d[2]"][1] == 8


@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
@pytest.mark.parametrize("passes", [(), ALL_PASSES], ids=["plain", "optimised"])
def test_states_pass_through_no_steps(kind: str, passes: tuple[str, ...]) -> None:
    states = [("h0", "ht"), ("c0", "ct")][: 2 if kind == "LSTM" else 1]
    net = _net(
        "force_backward: true\n"
        + STEPS
        + f'layer {{ name: "r" type: "{kind}" bottom: "fx" bottom: "fc" '
        + "".join(f'bottom: "{start}" ' for start, _ in states)
        + 'top: "y" '
        + "".join(f'top: "{end}" ' for _, end in states)
        + "".join("loss_weight: 1 " for _ in range(1 + len(states)))
        + "recurrent_param { num_output: 5 expose_hidden: true "
        'weight_filler { type: "xavier" } } }\n',
        passes,
    )
    loss = _step(net, 1)
    found = _step(net, 0)
    assert found == pytest.approx(
        sum(float(net.blob(start).sum()) for start, _ in states), rel=1e-5
    )
    assert net.blob("y").shape == (0, 2, 5)
    assert not net.params.diff.any()
    for start, end in states:
        np.testing.assert_array_equal(net.blob(end), net.blob(start))
        assert (net.diffs[start] == 1).all()
    assert _step(net, 1) == loss


def test_a_last_step_that_is_not_there_is_the_first_state() -> None:
    text = STEPS + (
        'layer { name: "r" type: "LSTM" bottom: "fx" bottom: "fc" bottom: "h0" bottom: "c0" '
        'top: "y" top: "ht" top: "ct" recurrent_param { num_output: 5 expose_hidden: true '
        'last_step_only: true weight_filler { type: "xavier" } } }\n'
    )
    net = _net(text)
    _step(net, 0)
    np.testing.assert_array_equal(net.blob("y"), net.blob("h0")[0])
