"""Layers rest when their bottoms have no rows, and only then."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from tests.graph.nets import graph_of

INPUT = (
    'layer { name: "x" type: "Input" top: "x" top: "s" '
    "input_param { shape { dim: 4 dim: 3 } shape { dim: 4 } } }\n"
    'layer { name: "f" type: "Filter" bottom: "x" bottom: "s" top: "fx" }\n'
)


def _net(text: str, passes: tuple[str, ...] = ()) -> Net:
    net = Net(graph_of(INPUT + text, passes=passes), seed=1)
    net.feed({"x": np.random.default_rng(1).standard_normal((4, 3)), "s": np.ones(4)})
    return net


@pytest.mark.parametrize("passes", [(), ALL_PASSES])
def test_means_stay_when_there_is_nothing_to_learn_from(passes: tuple[str, ...]) -> None:
    net = _net('layer { name: "bn" type: "BatchNorm" bottom: "fx" top: "y" }', passes)
    net.forward()
    learned = net.params.data.copy()
    assert learned.any()
    net.blobs["s"].fill(0)
    net.forward(1)
    assert net.blob("y").shape == (0, 3)
    np.testing.assert_array_equal(net.params.data, learned)
    net.blobs["s"].fill(1)
    net.forward(2)
    assert not np.array_equal(net.params.data, learned)


def test_a_layer_that_makes_something_of_nothing_runs() -> None:
    net = _net(
        'layer { name: "sum" type: "Reduction" bottom: "fx" top: "y" }\n'
        'layer { name: "plus" type: "Power" bottom: "y" top: "z" power_param { shift: 2 } }'
    )
    for kept, total in ((1, net.blob("x").sum()), (0, 0)):
        net.blobs["s"].fill(kept)
        net.forward()
        assert net.blob("z") == pytest.approx(total + 2, rel=1e-6)


def test_a_layer_keeps_its_type() -> None:
    net = _net('layer { name: "sum" type: "Reduction" bottom: "fx" top: "y" }')
    assert [node.layer.type for node, _ in net.steps] == ["Input", "Filter", "Reduction"]
    assert [node.layer.type for node in net.graph.nodes] == ["Input", "Filter", "Reduction"]


def test_a_layer_that_cannot_be_planned_without_rows_rests_too() -> None:
    """A dim -1 cannot be found from no values."""
    net = _net(
        'layer { name: "r" type: "Reshape" bottom: "fx" top: "y" '
        "reshape_param { shape { dim: 0 dim: 1 dim: -1 } } }"
    )
    for kept, shape in ((1, (4, 1, 3)), (0, (0, 1, 3)), (1, (4, 1, 3))):
        net.blobs["s"].fill(kept)
        net.forward()
        assert net.blob("y").shape == shape
