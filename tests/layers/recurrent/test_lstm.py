"""LSTM: states from batch to batch, exposed states, LSTMUnit inside, ports."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.layers.harness import LayerRun
from tests.reference import recurrent as reference

RANDOM = np.random.default_rng(0)
T, N, D, H = 4, 3, 2, 5
X = RANDOM.normal(size=(T, N, D))
PARAMS = [RANDOM.normal(size=size) for size in ((4 * H, D), (4 * H,), (4 * H, H))]
SUMS = X @ PARAMS[0].T + PARAMS[1]
ZERO = np.zeros((N, H))
ONES = np.ones((T, N))


def _run(*bottoms: Any, options: str = "", tops: int = 1, params: Any = PARAMS) -> LayerRun:
    if "num_output" not in options:
        options += f" num_output: {H}"
    ports = "".join(f'bottom: "x{k}" ' for k in range(len(bottoms)))
    ports += "".join(f'top: "y{k}" ' for k in range(tops))
    text = f'layer {{ name: "memory" type: "LSTM" {ports}\nrecurrent_param {{ {options} }} }}'
    return LayerRun(text, bottoms, params=params)


def _go_on(run: LayerRun, cont: Any) -> Any:
    """Forward without forgetting the scratch, as a net does it."""
    run.io.bottoms[1][...] = cont
    run.io.params = [value.copy() for value in run.values]
    run.layer.forward(run.io)
    return run.io.tops[0].copy()


def test_state_goes_on_from_batch_to_batch() -> None:
    run = _run(X, ONES)
    for room in run.io.scratch.values():
        room[...] = 0
    cut = ONES.copy()
    cut[2, 1] = cut[0, 0] = 0
    h, c = ZERO, ZERO
    for cont in (ONES, ONES, cut):
        wanted, c = reference.lstm(SUMS, cont, PARAMS[2], h, c)
        np.testing.assert_allclose(_go_on(run, cont), wanted)
        h = wanted[-1]


def test_cont_0_forgets_even_a_nan() -> None:
    cont = ONES.copy()
    cont[0] = 0
    (y,) = _run(X, cont).forward()
    np.testing.assert_allclose(y, reference.lstm(SUMS, cont, PARAMS[2], ZERO, ZERO)[0])


def test_exposed_states_take_the_place_of_the_kept_ones() -> None:
    h, c = RANDOM.normal(size=(2, 1, N, H))
    run = _run(X, ONES, h, c, options="expose_hidden: true", tops=3)
    y, last_h, last_c = run.forward()
    wanted, wanted_c = reference.lstm(SUMS, ONES, PARAMS[2], h[0], c[0])
    np.testing.assert_allclose(y, wanted)
    np.testing.assert_array_equal(last_h[0], y[-1])
    np.testing.assert_allclose(last_c[0], wanted_c)


def test_two_halves_with_exposed_states_have_the_gradients_of_the_whole() -> None:
    exposed = {"options": "expose_hidden: true", "tops": 3}
    h, c = RANDOM.normal(size=(2, 1, N, H))
    dy, none = RANDOM.normal(size=(T, N, H)), np.zeros((1, N, H))
    whole = _run(X, ONES, h, c, **exposed)
    whole.forward()
    wanted = whole.backward([dy, none, none])
    first = _run(X[:2], ONES[:2], h, c, **exposed)
    _, h2, c2 = first.forward()
    second = _run(X[2:], ONES[2:], h2, c2, **exposed)
    second.forward()
    dx2, _, dh2, dc2 = second.backward([dy[2:], none, none])
    dx1, _, dh1, dc1 = first.backward([dy[:2], dh2, dc2])
    np.testing.assert_allclose(np.concatenate([dx1, dx2]), wanted[0])
    np.testing.assert_allclose(dh1, wanted[2])
    np.testing.assert_allclose(dc1, wanted[3])


def test_one_step_is_lstm_unit() -> None:
    h, c = np.zeros((1, N, H)), RANDOM.normal(size=(1, N, H))
    cont = np.array([[1, 0, 0.5]])
    run = _run(X[:1], cont, h, c, options="expose_hidden: true", tops=3)
    unit = LayerRun(
        'layer { name: "u" type: "LSTMUnit" bottom: "c" bottom: "g" bottom: "k" top: "c1" top: "h" '
        "}",
        [c, SUMS[:1], cont],
    )
    y, _, last = run.forward()
    c1, h1 = unit.forward()
    np.testing.assert_allclose(c1, last)
    np.testing.assert_allclose(h1, y)


@pytest.mark.parametrize("hidden", [5, 40])
@pytest.mark.parametrize("rows", [1, 3, 50])
def test_batch_first_is_the_same_with_rows_in_front(rows: int, hidden: int) -> None:
    x = RANDOM.normal(size=(T, rows, D))
    params = [
        RANDOM.normal(size=s) / 4 for s in ((4 * hidden, D), 4 * hidden, (4 * hidden, hidden))
    ]
    cont = np.ones((T, rows))
    cont[0] = 0
    dy = RANDOM.normal(size=(T, rows, hidden))
    size = f"num_output: {hidden}"
    usual = _run(x, cont, options=size, params=params)
    other = _run(x.swapaxes(0, 1), options=f"{size} batch_first: true", params=params)
    (y,), (z,) = usual.forward(), other.forward()
    np.testing.assert_allclose(z, y.swapaxes(0, 1), atol=1e-14)
    sums = x @ params[0].T + params[1]
    zero = np.zeros((rows, hidden))
    np.testing.assert_allclose(y, reference.lstm(sums, cont, params[2], zero, zero)[0], atol=1e-13)
    dx, dz = usual.backward([dy])[0], other.backward([dy.swapaxes(0, 1)])[0]
    np.testing.assert_allclose(dz, dx.swapaxes(0, 1), atol=1e-13)
    last = _run(x, cont, options=f"{size} last_step_only: true", params=params)
    np.testing.assert_array_equal(last.forward()[0], y[-1])
    dy[:-1] = 0
    np.testing.assert_allclose(last.backward([dy[-1]])[0], usual.backward([dy])[0], atol=1e-13)


def test_the_same_bits_on_any_number_of_threads() -> None:
    text = f"""
        force_backward: true
        layer {{ name: "x" type: "Input" top: "x"
                input_param {{ shape {{ dim: 100 dim: 7 dim: {D} }} }} }}
        layer {{ name: "memory" type: "LSTM" bottom: "x" top: "y" recurrent_param {{
                num_output: 20 batch_first: true weight_filler {{ type: "xavier" }} }} }}
        layer {{ name: "loss" type: "Reduction" bottom: "y" top: "loss" loss_weight: 1
                reduction_param {{ operation: SUMSQ }} }}"""
    parsed = read_text(text, pb.NetParameter, "test.prototxt")
    before = numba.get_num_threads()
    found = []
    try:
        for threads in sorted({1, min(2, numba.config.NUMBA_NUM_THREADS)}):
            numba.set_num_threads(threads)
            net = Net(compile_net(NetText(parsed.message, parsed.locations, State(pb.TRAIN))))
            net.feed({"x": np.random.default_rng(5).normal(size=(100, 7, D))})
            net.forward()
            net.clear_gradients()
            net.backward()
            gradients = [net.gradients[key].copy() for key in net.graph.params]
            found.append([net.blob("y").copy(), *gradients])
    finally:
        numba.set_num_threads(before)
    assert all(np.abs(array).max() > 0 for array in found[0])
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize("name", ["batch_first", "last_step_only"])
def test_an_rnn_refuses_what_only_an_lstm_does(name: str) -> None:
    text = (
        'layer { name: "memory" type: "RNN" bottom: "x" bottom: "cont" top: "y" '
        f"recurrent_param {{ num_output: 2 {name}: true }} }}"
    )
    with pytest.raises(UserError, match=f"{name} true; an RNN reads"):
        LayerRun(text, [X, ONES])


@pytest.mark.parametrize(
    ("bottoms", "tops", "options", "message"),
    [
        (
            ((T, N, D), (T, 2)),
            1,
            "",
            "1: layer 'memory' (LSTM): bottom 'x1' is (4, 2); bottom 'x0' is (4, 3, 2), which "
            "asks for (4, 3), 0 where a sequence starts and else 1.",
        ),
        (
            ((T,), (T, N)),
            1,
            "",
            "1: layer 'memory' (LSTM): bottom 'x0' is (4,); it needs a time axis, a batch axis, "
            "and then any others.",
        ),
        (
            ((T, N, D), (T, N), (2, 7)),
            1,
            "",
            "1: layer 'memory' (LSTM): bottom 'x2' is (2, 7); bottom 'x0' is (4, 3, 2), which "
            "asks for one row for each of the 3 of the batch.",
        ),
        (
            ((T, N, D), (T, N)),
            1,
            "expose_hidden: true",
            "1: layer 'memory' (LSTM): 2 bottoms; x, cont, perhaps a static one, h_0, c_0 "
            "(expose_hidden: true).",
        ),
        (
            ((T, N, D), (T, N)),
            2,
            "",
            "1: layer 'memory' (LSTM): 2 tops; y (expose_hidden: false).",
        ),
        (
            ((T, N, D), (T, N), (1, N, H), (N, H)),
            3,
            "expose_hidden: true",
            "1: layer 'memory' (LSTM): bottom 'x3' is (3, 5); bottom 'x0' is (4, 3, 2), which "
            "asks for a state, (1, 3, 5).",
        ),
    ],
)
def test_refused(bottoms: Any, tops: int, options: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        _run(*[np.zeros(shape) for shape in bottoms], options=options, tops=tops, params=())
    assert str(caught.value) == f"test.prototxt:{message}"


def test_num_output_is_needed() -> None:
    text = 'layer { name: "memory" type: "LSTM" bottom: "x" bottom: "cont" top: "y" }'
    with pytest.raises(UserError, match=r"'memory' \(LSTM\): no num_output\. Write for instance"):
        LayerRun(text, [X, ONES])


def test_a_net_starts_from_zeros_and_goes_on() -> None:
    text = f"""
        layer {{ name: "x" type: "Input" top: "x" top: "k"
                input_param {{ shape {{ dim: {T} dim: {N} dim: {D} }}
                              shape {{ dim: {T} dim: {N} }} }} }}
        layer {{ name: "memory" type: "LSTM" bottom: "x" bottom: "k" top: "y"
                recurrent_param {{ num_output: {H} }} }}"""
    parsed = read_text(text, pb.NetParameter, "test.prototxt")
    read = NetText(parsed.message, parsed.locations, State(pb.TEST))
    net = Net(compile_net(read), dtype=np.float64)
    for key, value in zip(net.graph.node("memory").params, PARAMS, strict=True):
        net.values[key][...] = value
    net.feed({"x": X, "k": ONES})
    h, c = ZERO, ZERO
    for _ in range(2):
        net.forward()
        wanted, c = reference.lstm(SUMS, ONES, PARAMS[2], h, c)
        np.testing.assert_allclose(net.blob("y"), wanted)
        h = wanted[-1]
