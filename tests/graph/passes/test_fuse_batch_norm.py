"""BatchNorm, Scale and ReLU of a training: as one layer they do what they do apart."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from tests.graph.nets import graph_of

HEAD = """force_backward: true
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 4 dim: 3 dim: 5 } } }
layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 dim: 5 } } }
"""
NORM = 'layer { name: "n" type: "BatchNorm" bottom: "x" top: "n" }\n'
SCALE = """layer { name: "s" type: "Scale" bottom: "n" top: "n" scale_param { bias_term: true
  filler { type: "uniform" min: -2 max: 2 } bias_filler { type: "uniform" min: -1 max: 1 } } }
"""
RELU = 'layer { name: "r" type: "ReLU" bottom: "n" top: "n" }\n'
LOSS = 'layer { name: "l" type: "EuclideanLoss" bottom: "n" bottom: "t" top: "l" }\n'
FUSED = {
    "scale": (SCALE, "n + s"),
    "scale and ReLU": (SCALE + RELU, "n + s + r"),
    "leaky ReLU": (SCALE + RELU.replace(" }", " relu_param { negative_slope: 0.1 } }"), "n + s"),
}
APART = {
    "no shift": SCALE.replace("bias_term: true", ""),
    "another top": SCALE.replace('top: "n"', 'top: "m"'),
    "other axes": SCALE.replace("bias_term: true", "bias_term: true axis: 2"),
}


def _run(graph: Graph) -> Net:
    net = Net(graph, dtype=np.float64, seed=4)
    random = np.random.default_rng(1)
    net.feed({name: random.standard_normal(net.blob(name).shape) for name in ("x", "t")})
    for _ in range(2):
        net.forward()
        net.backward()
    return net


@pytest.mark.parametrize("case", list(FUSED))
def test_fused_and_plain_agree(case: str) -> None:
    text, name = FUSED[case]
    plain = _run(graph_of(HEAD + NORM + text + LOSS))
    graph = graph_of(HEAD + NORM + text + LOSS, passes=ALL_PASSES)
    assert name in [node.name for node in graph.nodes]
    assert any(name in note for note in graph.notes)
    fused = _run(graph)
    np.testing.assert_allclose(fused.blob("n"), plain.blob("n"), rtol=1e-12)
    for key, values in plain.values.items():
        np.testing.assert_allclose(fused.values[key], values, rtol=1e-12, err_msg=str(key))
    for key, gradient in plain.gradients.items():
        np.testing.assert_allclose(fused.gradients[key], gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(fused.diffs["x"], plain.diffs["x"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", list(APART))
def test_what_does_not_fit_stays_apart(case: str) -> None:
    loss = LOSS.replace('bottom: "n"', 'bottom: "m"') if case == "another top" else LOSS
    graph = graph_of(HEAD + NORM + APART[case] + loss, passes=ALL_PASSES)
    assert "n" in [node.name for node in graph.nodes]


def test_stored_means_stay_apart() -> None:
    norm = NORM.replace('top: "n" }', 'top: "n" batch_norm_param { use_global_stats: true } }')
    graph = graph_of(HEAD + norm + SCALE + RELU + LOSS, passes=ALL_PASSES)
    assert "n" in [node.name for node in graph.nodes]


def test_a_norm_whose_bottom_wants_no_gradient_stays_apart() -> None:
    head = HEAD.replace("force_backward: true\n", "")
    graph = graph_of(head + NORM + SCALE + RELU + LOSS, passes=ALL_PASSES)
    assert "n" in [node.name for node in graph.nodes]
