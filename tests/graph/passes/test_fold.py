"""Folding what follows a convolution: the same blobs, fewer layers, and when not."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.replan import replan
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import graph_of

# What lays blobs otherwise has its own tests: test_blocks.py.
PASSES = tuple(name for name in ALL_PASSES if name != "blocks")

INPUT = (
    'layer { name: "x" type: "Input" top: "x" '
    "input_param { shape { dim: 2 dim: 8 dim: 7 dim: 6 } } }\n"
)


def layer(name: str, kind: str, bottoms: str, top: str, options: str = "") -> str:
    ports = " ".join(f'bottom: "{bottom}"' for bottom in bottoms.split())
    return f'layer {{ name: "{name}" type: "{kind}" {ports} top: "{top}" {options} }}\n'


def convolution(name: str, bottom: str, options: str = "kernel_size: 3 pad: 1") -> str:
    fillers = 'weight_filler { type: "xavier" } bias_filler { type: "uniform" min: -1 }'
    return layer(
        name,
        "Convolution",
        bottom,
        name,
        f"convolution_param {{ num_output: 8 {options} {fillers} }}",
    )


SCALE = (
    'scale_param { bias_term: true filler { type: "uniform" min: 0.5 max: 2 } '
    'bias_filler { type: "uniform" } }'
)
ENDS = 'scale_bias: true scale_filler { type: "uniform" min: 0.5 max: 2 }'
PSPNET = 'bn_param { slope_filler { type: "uniform" min: 0.5 max: 2 } eps: 0.1 }'
SEGNET = "bn_param { bn_mode: INFERENCE }"
NORM = layer("n", "BatchNorm", "c", "c") + layer("s", "Scale", "c", "c", SCALE)
APART = layer("n", "BatchNorm", "c", "n") + layer("s", "Scale", "n", "s", SCALE)
RESIDUAL = (
    convolution("b", "x")
    + convolution("c", "x")
    + NORM
    + layer("sum", "Eltwise", "b c", "sum")
    + layer("r", "ReLU", "sum", "sum")
    + layer("p", "Pooling", "sum", "p", "pooling_param { kernel_size: 2 stride: 2 }")
)
FOLDED = {
    "in place": (convolution("c", "x") + NORM + layer("r", "ReLU", "c", "c"), ["c + n + s + r"]),
    "apart": (convolution("c", "x") + APART + layer("r", "ReLU", "s", "r"), ["c + n + s + r"]),
    "no bias": (
        convolution("c", "x", "kernel_size: 3 bias_term: false") + NORM,
        ["c + n + s"],
    ),
    "depthwise": (convolution("c", "x", "kernel_size: 3 group: 8 stride: 2") + NORM, ["c + n + s"]),
    "ReLU alone": (convolution("c", "x") + layer("r", "ReLU", "c", "r"), ["c + r"]),
    "factors of its own": (
        convolution("c", "x")
        + layer("n", "BatchNorm", "c", "c", f"batch_norm_param {{ {ENDS} }}")
        + layer("r", "ReLU", "c", "c"),
        ["c + n + r"],
    ),
    "BN of PSPNet": (
        convolution("c", "x") + layer("n", "BN", "c", "c", PSPNET) + layer("r", "ReLU", "c", "c"),
        ["c + n + r"],
    ),
    "BN of SegNet, apart": (
        convolution("c", "x") + layer("n", "BN", "c", "n", SEGNET) + layer("r", "ReLU", "n", "r"),
        ["c + n + r"],
    ),
    "residual": (RESIDUAL, ["b", "c + n + s + sum + r", "p"]),
    "itself": (
        convolution("b", "x")
        + convolution("c", "b")
        + layer("sum", "Eltwise", "c b", "sum")
        + layer("r", "ReLU", "sum", "r"),
        ["b", "b_b_0_split", "c + sum", "r"],
    ),
}


def _run(graph: Graph) -> Net:
    net = Net(graph, dtype=np.float64, seed=4)
    random = np.random.default_rng(1)
    for key in sorted(net.values):
        if key.startswith("n["):
            net.values[key][...] = random.uniform(1, 2, net.values[key].shape)
    net.feed({"x": random.standard_normal(net.blob("x").shape)})
    net.forward()
    return net


def _names(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes if not node.name.startswith("x")]


@pytest.mark.parametrize("name", FOLDED)
def test_folded_and_plain_agree(name: str) -> None:
    text, nodes = FOLDED[name]
    plain = _run(graph_of(INPUT + text, pb.TEST, backward=False))
    graph = graph_of(INPUT + text, pb.TEST, passes=PASSES, backward=False)
    folded = _run(graph)
    assert _names(graph) == nodes
    for blob in plain.graph.blobs:
        found = folded.blob(blob)
        np.testing.assert_allclose(found, plain.blob(blob), rtol=1e-9, atol=1e-12, err_msg=blob)


def test_changed_statistics_and_weights_are_seen() -> None:
    """Nothing of the parameters is kept from one forward to the next."""
    text = INPUT + FOLDED["in place"][0]
    plain = _run(graph_of(text, pb.TEST, backward=False))
    folded = _run(graph_of(text, pb.TEST, passes=PASSES, backward=False))
    before = folded.blob("c").copy()
    for net in (plain, folded):
        for key, values in net.values.items():
            values += 0.5 if key.startswith(("n", "s")) else 0.1
        net.forward()
    assert np.abs(folded.blob("c") - before).max() > 0.01
    np.testing.assert_allclose(folded.blob("c"), plain.blob("c"), rtol=1e-9, atol=1e-12)


def test_statistics_that_are_empty() -> None:
    """A factor of 0 counts as mean 0 and variance 0, as in Caffe."""
    text = INPUT + FOLDED["in place"][0]
    nets = [
        Net(graph_of(text, pb.TEST, passes=p, backward=False), dtype=np.float64, seed=4)
        for p in ((), PASSES)
    ]
    for net in nets:
        net.feed({"x": np.random.default_rng(1).standard_normal(net.blob("x").shape)})
        net.forward()
    np.testing.assert_allclose(nets[1].blob("c"), nets[0].blob("c"), rtol=1e-9)


UNTOUCHED = {
    "leaky": convolution("c", "x")
    + layer("r", "ReLU", "c", "c", "relu_param { negative_slope: 0.1 }"),
    "product": convolution("b", "x")
    + convolution("c", "x")
    + layer("e", "Eltwise", "b c", "e", "eltwise_param { operation: PROD }"),
    "factors": convolution("b", "x")
    + convolution("c", "x")
    + layer("e", "Eltwise", "b c", "e", "eltwise_param { coeff: 1 coeff: -1 }"),
    "three branches": convolution("a", "x")
    + convolution("b", "x")
    + convolution("c", "x")
    + layer("e", "Eltwise", "a b c", "e"),
    "batch statistics": convolution("c", "x")
    + layer("n", "BatchNorm", "c", "c", "batch_norm_param { use_global_stats: false }"),
    "batch statistics of BN": convolution("c", "x")
    + layer("n", "BN", "c", "c", "bn_param { bn_mode: LEARN }"),
    "another axis": convolution("c", "x")
    + layer("s", "Scale", "c", "c", "scale_param { axis: 2 }"),
    "two readers": convolution("c", "x")
    + layer("r", "ReLU", "c", "r")
    + layer("t", "TanH", "c", "t"),
    "few outputs": convolution("c", "x", "kernel_size: 3 group: 4") + layer("r", "ReLU", "c", "c"),
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_stays_as_it_is(name: str) -> None:
    text = INPUT + UNTOUCHED[name]
    plain, graph = (graph_of(text, pb.TEST, passes=p, backward=False) for p in ((), PASSES))
    assert _names(graph) == _names(plain)
    assert "fold: 0 convolutions with what follows them" in graph.notes


def test_nothing_is_folded_where_backward_runs() -> None:
    text = "force_backward: true\n" + INPUT + RESIDUAL
    graph = graph_of(text, pb.TRAIN, passes=PASSES)
    assert "c" in _names(graph)
    assert "fold: 0 convolutions with what follows them" in graph.notes


def test_a_folded_layer_keeps_its_size() -> None:
    graph = graph_of(INPUT + RESIDUAL, pb.TEST, passes=["fold"], backward=False)
    with pytest.raises(UserError, match="compiled with optimising passes"):
        replan(graph, {"x": (1, 8, 7, 6)})
