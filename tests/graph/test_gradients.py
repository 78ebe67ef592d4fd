from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from tests.graph.nets import INPUT, graph_of, inner_product, siamese

TARGET = 'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 } } }\n'
LOSS = 'layer { name: "l" type: "EuclideanLoss" bottom: "b" bottom: "t" top: "l" }\n'


def test_only_layers_between_a_parameter_and_a_loss_run_backward() -> None:
    graph = graph_of(
        INPUT
        + TARGET
        + inner_product("a", "x", "a")
        + inner_product("b", "a", "b")
        + inner_product("side", "x", "s")
        + LOSS
    )
    assert {n.name: n.backward for n in graph.nodes} == {
        "x": False, "x_x_0_split": False, "t": False, "a": True, "b": True, "side": False,
        "l": True,
    }  # fmt: skip
    assert graph.node("a").propagate == (False,)
    assert graph.node("l").propagate == (True, False)


def test_a_frozen_trunk_costs_no_backward() -> None:
    frozen = "param { lr_mult: 0 } param { lr_mult: 0 }"
    graph = graph_of(
        INPUT + TARGET + inner_product("a", "x", "a", frozen) + inner_product("b", "a", "b") + LOSS
    )
    assert not graph.node("a").backward
    assert graph.node("b").propagate == (False,)


def test_propagate_down_false_stops_the_gradient() -> None:
    text = INPUT + TARGET + inner_product("a", "x", "a") + inner_product("b", "a", "b") + LOSS
    stopped = text.replace('bottom: "a" top: "b"', 'bottom: "a" top: "b" propagate_down: false')
    graph = graph_of(stopped)
    assert not graph.node("a").backward
    with pytest.raises(UserError, match="2 propagate_down entries for 1 bottoms"):
        graph_of(stopped.replace("propagate_down: false", "propagate_down: [false, true]"))


def test_force_backward_reaches_the_inputs() -> None:
    graph = graph_of("force_backward: true\n" + siamese())
    assert graph.node("slice").propagate == (True,)
    assert graph.node("loss").propagate == (True, True, False)
