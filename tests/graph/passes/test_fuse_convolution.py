from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from tests.graph.nets import graph_of

INPUT = 'layer {{ name: "x" type: "Input" top: "x" input_param {{ shape {{ dim: {n} dim: {c} '
INPUT += "dim: {h} dim: {w} }} }} }}\n"
TARGET = (
    'layer {{ name: "t" type: "Input" top: "t" input_param {{ shape {{ dim: {n} dim: 3 }} }} }}\n'
)
POOL = 'layer {{ name: "{name}" type: "Pooling" bottom: "{bottom}" top: "{top}" '
POOL += "pooling_param {{ kernel_size: 2 stride: 2 {more} }} }}\n"


def _conv(name: str, bottom: str, outputs: int, kernel: int, more: str = "") -> str:
    return (
        f'layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}" '
        f"convolution_param {{ num_output: {outputs} kernel_size: {kernel} {more} "
        'weight_filler { type: "xavier" } bias_filler { type: "uniform" min: -0.3 max: 0.3 } } }\n'
    )


def _relu(blob: str, top: str = "") -> str:
    name = top or blob
    return f'layer {{ name: "relu_{name}" type: "ReLU" bottom: "{blob}" top: "{name}" }}\n'


def _pool(name: str, bottom: str, more: str = "") -> str:
    return POOL.format(name=name, bottom=bottom, top=name, more=more)


def _net(body: str, last: str, shape: tuple[int, int, int, int], head: str = "") -> str:
    n, c, h, w = shape
    return (
        head
        + INPUT.format(n=n, c=c, h=h, w=w)
        + TARGET.format(n=n)
        + body
        + f'layer {{ name: "ip" type: "InnerProduct" bottom: "{last}" top: "ip" '
        'inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }\n'
        'layer { name: "loss" type: "EuclideanLoss" bottom: "ip" bottom: "t" top: "loss" }\n'
    )


TWO = _conv("c1", "x", 20, 5) + _pool("p1", "c1") + _conv("c2", "p1", 7, 5) + _pool("p2", "c2")
CASES = {
    "lenet": (_net(TWO, "p2", (5, 1, 16, 16)), 2),
    "more than a block": (_net(TWO, "p2", (37, 1, 16, 16)), 2),
    "3 x 3": (
        _net(_conv("c1", "x", 6, 3) + _pool("p1", "c1"), "p1", (4, 2, 10, 8)), 1,
    ),
    "relu before": (
        _net(_conv("c", "x", 6, 3) + _relu("c") + _pool("p", "c"), "p", (4, 2, 10, 8)), 1,
    ),
    "relu of its own before": (
        _net(_conv("c", "x", 6, 3) + _relu("c", "r") + _pool("p", "r"), "p", (4, 2, 10, 8)), 1,
    ),
    "relu in place behind": (
        _net(_conv("c", "x", 6, 3) + _pool("p", "c") + _relu("p"), "p", (4, 2, 10, 8)), 1,
    ),
    "a picture below the kernel": (
        _net(_conv("c", "x", 6, 3) + _pool("p", "c"), "p", (4, 2, 3, 3)), 1,
    ),
    "a row below the kernel": (
        _net(_conv("c", "x", 6, 3) + _pool("p", "c") + _relu("p"), "p", (4, 2, 3, 9)), 1,
    ),
    "without bias": (
        _net(_conv("c", "x", 6, 3, "bias_term: false") + _pool("p", "c"), "p", (4, 2, 10, 8)), 1,
    ),
    "gradient of the input": (
        _net(TWO, "p2", (5, 1, 16, 16), "force_backward: true\n"), 2,
    ),
    "relu and gradient of the input": (
        _net(
            _conv("c", "x", 6, 3) + _relu("c") + _pool("p", "c"), "p", (18, 2, 10, 8),
            "force_backward: true\n",
        ),
        1,
    ),
}  # fmt: skip


def _run(graph: Graph, dtype: type) -> Net:
    net = Net(graph, dtype=dtype, seed=4)
    random = np.random.default_rng(1)
    net.feed({name: random.standard_normal(net.blob(name).shape) for name in ("x", "t")})
    net.forward()
    net.backward()
    return net


def _close(found: np.ndarray, wanted: np.ndarray, dtype: type) -> None:
    """Winograd's transforms cost float32 about two decimal places."""
    scale = max(float(np.abs(wanted).max()), 1e-3)
    tolerance = 2e-4 if dtype is np.float32 else 1e-10
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", CASES)
def test_fused_and_plain_agree(case: str, dtype: type) -> None:
    text, chains = CASES[case]
    plain = _run(graph_of(text), dtype)
    graph = graph_of(text, passes=ALL_PASSES)
    fused = _run(graph, dtype)
    assert sum(node.layer.type == "Convolution+Pooling" for node in graph.nodes) == chains
    for name in plain.graph.blobs:
        _close(fused.blob(name), plain.blob(name), dtype)
    for key, gradient in plain.gradients.items():
        _close(fused.gradients[key], gradient, dtype)
    if "x" in plain.diffs:
        _close(fused.diffs["x"], plain.diffs["x"], dtype)


def test_images_stay_blocked_between_fused_layers() -> None:
    graph = graph_of(CASES["lenet"][0], passes=ALL_PASSES)
    assert graph.blocked == {"p1"}
    assert set(graph.fused) == {"c1", "c2"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (_conv("c", "x", 6, 3, "stride: 2") + _pool("p", "c"), "it has a stride"),
        (_conv("c", "x", 6, 3, "group: 2") + _pool("p", "c"), "it has groups"),
        (_conv("c", "x", 6, 3) + _pool("p", "c", "pool: AVE"), "the pooling behind it is not MAX"),
        (_conv("c", "x", 6, 3) + _relu("c", "p"), "no 2 x 2 max pooling follows"),
        (
            _conv("c", "x", 6, 3)
            + _pool("p0", "c")
            + 'layer { name: "s" type: "Silence" bottom: "p0" }\n'
            + _relu("c", "p"),
            "no 2 x 2 max pooling follows",
        ),
    ],
)
def test_refusals_say_why(body: str, why: str) -> None:
    graph = graph_of(_net(body, "p", (4, 2, 10, 8)), passes=ALL_PASSES)
    assert any(f"c stays as it is: {why}" in note for note in graph.notes), graph.notes
