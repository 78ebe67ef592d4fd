"""Convolution and its ReLU as one layer in training: which pairs, and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from tests.graph.nets import graph_of

SIZE = "input_param { shape { dim: 3 dim: 4 dim: 6 dim: 5 } }"
X = f'layer {{ name: "x" type: "Input" top: "x" {SIZE} }}\n'
FILLER = 'weight_filler { type: "msra" } bias_filler { type: "constant" value: 0.1 }'
CONVOLUTION = (
    'layer { name: "c" type: "Convolution" bottom: "x" top: "c"\n'
    "convolution_param { num_output: 9 kernel_size: 3 pad: 1 OPTIONS " + FILLER + " } }\n"
)
RELU = 'layer { name: "r" type: "ReLU" bottom: "c" top: "c" }\n'
LAST = (
    'layer { name: "s" type: "Reduction" bottom: "c" top: "s" loss_weight: 1\n'
    "reduction_param { operation: SUMSQ } }\n"
)


def _net(options: str = "", relu: str = RELU, last: str = LAST) -> str:
    return "force_backward: true\n" + X + CONVOLUTION.replace("OPTIONS", options) + relu + last


def _run(graph: Graph) -> Net:
    net = Net(graph, dtype=np.float64, seed=4)
    net.feed({"x": np.random.default_rng(1).standard_normal(net.blob("x").shape)})
    net.forward()
    net.backward()
    return net


@pytest.mark.parametrize("options", ["", "stride: 2", "bias_term: false"])
def test_fused_and_plain_agree(options: str) -> None:
    text = _net(options)
    plain, graph = _run(graph_of(text)), graph_of(text, passes=ALL_PASSES)
    fused = _run(graph)
    assert [node.name for node in graph.nodes] == ["x", "c + r", "s"]
    assert "fuse: 1 convolutions with their ReLU: c + r" in graph.notes
    for name in plain.graph.blobs:
        np.testing.assert_allclose(fused.blob(name), plain.blob(name), rtol=1e-12)
    assert (plain.blob("c") == 0).any()
    for key, gradient in plain.gradients.items():
        np.testing.assert_allclose(fused.gradients[key], gradient, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(fused.diffs["x"], plain.diffs["x"], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        _net(relu=RELU.replace("}", "relu_param { negative_slope: 0.1 } }")),
        _net(relu=RELU.replace('top: "c"', 'top: "r"'), last=LAST.replace('"c"', '"r"')),
        _net("group: 2").replace("num_output: 9", "num_output: 4"),
    ],
    ids=["leaky", "not in place", "few outputs"],
)
def test_what_stays_apart(text: str) -> None:
    graph = graph_of(text, passes=ALL_PASSES)
    assert not any("with their ReLU" in note for note in graph.notes if "convolutions" in note)
    assert "Convolution" in [node.layer.type for node in graph.nodes]
