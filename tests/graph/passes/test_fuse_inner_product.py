from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from tests.graph.nets import INPUT, graph_of, inner_product

TARGET = 'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 } } }\n'
LOSS = 'layer { name: "l" type: "EuclideanLoss" bottom: "z" bottom: "t" top: "l" }\n'


def _net(relu: str, last: str) -> str:
    return (
        "force_backward: true\n"
        + INPUT
        + TARGET
        + inner_product("ip", "x", "ip", outputs=7)
        + relu
        + inner_product("z", last, "z")
        + LOSS
    )


IN_PLACE = _net('layer { name: "r" type: "ReLU" bottom: "ip" top: "ip" }\n', "ip")
APART = _net('layer { name: "r" type: "ReLU" bottom: "ip" top: "r" }\n', "r")
LEAKY = IN_PLACE.replace('top: "ip" }', 'top: "ip" relu_param { negative_slope: 0.1 } }')


def _run(graph: Graph) -> Net:
    net = Net(graph, dtype=np.float64, seed=4)
    random = np.random.default_rng(1)
    net.feed({name: random.standard_normal(net.blob(name).shape) for name in ("x", "t")})
    net.forward()
    net.backward()
    return net


@pytest.mark.parametrize("text", [IN_PLACE, APART])
def test_fused_and_plain_agree(text: str) -> None:
    plain, graph = _run(graph_of(text)), graph_of(text, passes=ALL_PASSES)
    fused = _run(graph)
    assert [node.name for node in graph.nodes] == ["x", "t", "ip + r", "z", "l"]
    for name in plain.graph.blobs:
        np.testing.assert_allclose(fused.blob(name), plain.blob(name), rtol=1e-12)
    for key, gradient in plain.gradients.items():
        np.testing.assert_allclose(fused.gradients[key], gradient, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(fused.diffs["x"], plain.diffs["x"], rtol=1e-10, atol=1e-14)


def test_a_leaky_relu_stays_apart() -> None:
    graph = graph_of(LEAKY, passes=ALL_PASSES)
    assert [node.name for node in graph.nodes] == ["x", "t", "ip", "r", "z", "l"]
