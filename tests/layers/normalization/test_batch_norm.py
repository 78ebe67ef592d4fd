"""BatchNorm: its state, phase by phase."""

from __future__ import annotations

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

TEXT = 'layer {{ name: "bn" type: "BatchNorm" bottom: "x" top: "y" batch_norm_param {{ {} }} }}'
X = np.random.default_rng(0).normal(2, 3, size=(4, 2, 5))


def _net(options: str = "", param: str = "", phase: int = pb.TRAIN, **more: object) -> Net:
    text = f"""
        layer {{ name: "in" type: "Input" top: "x"
                 input_param {{ shape {{ dim: 4 dim: 2 dim: 5 }} }} }}
        layer {{ name: "bn" type: "BatchNorm" bottom: "x" top: "y" {param}
                 batch_norm_param {{ {options} }} }}
    """
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    graph = compile_net(NetText(parsed.message, parsed.locations, State(phase)))
    return Net(graph, dtype=np.float64, **more)  # type: ignore[arg-type]


def test_state_fades_and_grows() -> None:
    net = _net("moving_average_fraction: 0.5")
    batches = [X, 2 * X]
    for x in batches:
        net.feed({"x": x})
        net.forward()
    mean, variance, factor = net.values.values()
    assert factor == 1.5
    wanted = [x.mean(axis=(0, 2)) for x in batches]
    np.testing.assert_allclose(mean, wanted[0] * 0.5 + wanted[1])
    spreads = [x.var(axis=(0, 2), ddof=1) for x in batches]
    np.testing.assert_allclose(variance, spreads[0] * 0.5 + spreads[1])


def test_test_net_divides_by_the_factor_and_changes_nothing() -> None:
    train = _net()
    for _ in range(3):
        train.feed({"x": X})
        train.forward()
    test = _net(phase=pb.TEST, share=train.params)
    before = [value.copy() for value in train.values.values()]
    test.feed({"x": X})
    test.forward()
    middle, variance = X.mean(axis=(0, 2)), X.var(axis=(0, 2), ddof=1)
    wanted = (X - middle[:, None]) / np.sqrt(variance[:, None] + 1e-5)
    np.testing.assert_allclose(test.blob("y"), wanted)
    for value, old in zip(train.values.values(), before, strict=True):
        np.testing.assert_array_equal(value, old)


@pytest.mark.parametrize("phase", [pb.TEST, pb.RUN])
def test_untrained_state_divides_by_the_root_of_eps(phase: int) -> None:
    (y,) = LayerRun(TEXT.format("eps: 0.25"), [X], phase=phase).forward()
    np.testing.assert_allclose(y, 2 * X)


def test_one_row_has_no_unbiased_variance() -> None:
    run = LayerRun(TEXT.format(""), [np.array([[3.0, 4.0]])])
    assert run.forward()[0].tolist() == [[0, 0]]
    assert [p.tolist() for p in run.io.params] == [[3, 4], [0, 0], [1]]


def test_vector_is_one_channel() -> None:
    run = LayerRun(TEXT.format("eps: 0"), [np.array([1.0, 3.0])])
    assert run.forward()[0].tolist() == [-1, 1]


def test_single_number() -> None:
    with pytest.raises(UserError, match=r"bottom 'x' is a single number; a mean needs rows"):
        LayerRun(TEXT.format(""), [np.array(1.0)])


def test_state_is_not_for_the_solver() -> None:
    graph = _net(param="param { decay_mult: 0 }").graph
    assert [p.lr_mult for p in graph.params.values()] == [0, 0, 0]
    with pytest.raises(UserError, match=r"net.prototxt:4: .*lr_mult 1 for parameter 1"):
        _net(param="param { lr_mult: 0 } param { lr_mult: 1 }")


def test_backward_survives_a_layer_in_place_behind() -> None:
    run = LayerRun(TEXT.format(""), [X])
    run.forward()
    dy = np.random.default_rng(1).normal(size=X.shape)
    (wanted,) = run.backward([dy])
    run.forward()
    run.io.tops[0].fill(0)
    (found,) = run.backward([dy])
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("phase", [pb.TRAIN, pb.TEST])
def test_scale_bias_is_a_scale_layer_behind(phase: int) -> None:
    """NVCaffe keeps five arrays in one layer: mean, variance, factor, scale, bias."""
    state = [np.full(2, 2.0), np.full(2, 9.0), np.ones(1)]
    ends = [None, np.array([1.0, -1])]
    options = "scale_bias: true scale_filler { value: 3 }"
    run = LayerRun(TEXT.format(options), [X], phase=phase, params=[*state, *ends])
    plain = LayerRun(TEXT.format(""), [X], phase=phase, params=state)
    assert [p.shape for p in run.io.params] == [(2,), (2,), (1,), (2,), (2,)]
    assert [spec.learned for spec in run.plan.params] == [False] * 3 + [True] * 2
    wanted = 3 * plain.forward()[0] + np.array([1, -1])[:, None]
    np.testing.assert_allclose(run.forward()[0], wanted)


def test_the_factors_of_scale_bias_start_at_1() -> None:
    run = LayerRun(TEXT.format("scale_bias: true"), [X])
    assert [p.tolist() for p in run.values[3:]] == [[1, 1], [0, 0]]
