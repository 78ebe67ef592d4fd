"""Twins that reach ContrastiveLoss by sums and products alone: no gradient for their last bias."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.passes.linear_end import ends_linearly
from mycaffe_py.graph.passes.merge_twins import merge_twins
from tests.graph.nets import graph_of, inner_product, siamese

# Branches from bottom x{0} to top f{0}, {0} being the end of its names.
CONVOLUTION = (
    'layer {{ name: "last{0}" type: "Convolution" bottom: "x{0}" top: "c{0}" '
    'param {{ name: "w" }} param {{ name: "last" }} '
    "convolution_param {{ num_output: 3 kernel_size: 3 weight_filler {{ type: 'xavier' }} }} }}\n"
)
POOLING = (
    'layer {{ name: "pool{0}" type: "Pooling" bottom: "c{0}" top: "p{0}" '
    "pooling_param {{ pool: KIND kernel_size: 2 stride: 2 }} }}\n"
)
FLATTEN = 'layer {{ name: "flat{0}" type: "Flatten" bottom: "p{0}" top: "f{0}" }}\n'
PRODUCT = (
    'layer {{ name: "feat{0}" type: "InnerProduct" bottom: "p{0}" top: "f{0}" '
    'param {{ name: "fw" }} param {{ name: "fb" }} '
    "inner_product_param {{ num_output: 2 weight_filler {{ type: 'xavier' }} }} }}\n"
)
BRANCHES = {
    "product": PRODUCT.replace("p{0}", "x{0}"),
    "convolution": CONVOLUTION.replace("c{0}", "f{0}"),
    "convolution and max pooling": CONVOLUTION + POOLING.replace("KIND", "MAX") + FLATTEN,
    "pooling, then a product": CONVOLUTION + POOLING.replace("KIND", "MAX") + PRODUCT,
    "mean pooling": CONVOLUTION + POOLING.replace("KIND", "AVE") + FLATTEN,
    "deconvolution": CONVOLUTION.replace("Convolution", "Deconvolution").replace("c{0}", "f{0}"),
    "scale and bias": PRODUCT.replace("p{0}", "x{0}").replace("f{0}", "h{0}")
    + 'layer {{ name: "scale{0}" type: "Scale" bottom: "h{0}" top: "h{0}" '
    'param {{ name: "s" }} param {{ name: "shift" }} scale_param {{ bias_term: true }} }}\n'
    + 'layer {{ name: "bias{0}" type: "Bias" bottom: "h{0}" top: "f{0}" '
    'param {{ name: "offset" }} }}\n',
}
# Names of the parameters behind which nothing but sums and products follows.
ENDS = {"last", "fb", "shift", "offset"}


def _net(branch: str, size: int, pairs: int, passes: tuple[str, ...]) -> Net:
    text = (
        f'layer {{ name: "pair" type: "Input" top: "pair" input_param {{ shape {{ dim: {pairs} '
        f"dim: 4 dim: {size} dim: {size} }} }} }}\n"
        f'layer {{ name: "sim" type: "Input" top: "sim" input_param {{ shape {{ dim: {pairs} '
        "} } }\n"
        'layer { name: "slice" type: "Slice" bottom: "pair" top: "x_a" top: "x_b" }\n'
        + "".join(BRANCHES[branch].format(end) for end in ("_a", "_b"))
        + 'layer { name: "loss" type: "ContrastiveLoss" bottom: "f_a" bottom: "f_b" '
        'bottom: "sim" top: "loss" contrastive_loss_param { margin: 9 } }\n'
    )
    net = Net(graph_of(text, passes=passes), seed=5)
    random = np.random.default_rng(pairs)
    pair = random.normal(size=(pairs, 4, size, size))
    net.feed({"pair": pair, "sim": random.integers(0, 2, pairs)})
    net.forward()
    net.backward()
    return net


@pytest.mark.parametrize("branch", BRANCHES)
@pytest.mark.parametrize("passes", [("merge_twins",), ALL_PASSES])
@pytest.mark.parametrize(("size", "pairs"), [(8, 17), (7, 5)])
def test_the_last_shared_bias_gets_no_gradient_at_all(
    branch: str, passes: tuple[str, ...], size: int, pairs: int
) -> None:
    net = _net(branch, size, pairs, passes)
    ends = [key for key, param in net.graph.params.items() if param.name in ENDS]
    assert ends
    for key in ends:
        assert not net.gradients[key].any(), key
    others = [key for key in net.gradients if key not in ends]
    assert all(net.gradients[key].any() for key in others)


def test_the_sum_is_that_of_the_plain_net_where_a_layer_bends_what_comes_back() -> None:
    merged = merge_twins(graph_of(siamese()))
    twins = {node.name: node.context.twins for node in merged.nodes if "+" in node.name}
    # Behind conv, pool and ip stands a ReLU.
    assert twins == {"conv+conv_p": 1, "pool+pool_p": 1, "ip+ip_p": 1, "act+act_p": 2,
                     "feat+feat_p": 2}  # fmt: skip


def test_a_layer_that_is_read_twice_ends_linearly_in_both_or_not_at_all() -> None:
    text = (
        'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }\n'
        + inner_product("ip", "x", "h")
        + inner_product("a", "h", "ya")
        + 'layer { name: "l" type: "EuclideanLoss" bottom: "ya" bottom: "x" top: "l" }\n'
    )
    bent = (
        'layer { name: "t" type: "TanH" bottom: "h" top: "g" }\n'
        'layer { name: "m" type: "EuclideanLoss" bottom: "g" bottom: "x" top: "m" }\n'
    )
    for more, wanted in (("", True), (bent, False)):
        graph = graph_of(text + more)
        number = [node.name for node in graph.nodes].index("ip")
        assert ends_linearly(graph, number) == wanted
