from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import INPUT, graph_of, inner_product

TARGET = 'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 } } }\n'
LOSS = 'layer { name: "l" type: "EuclideanLoss" bottom: "ip" bottom: "t" top: "l" }\n'


def _net(*kinds: str) -> str:
    layers = "".join(
        f'layer {{ name: "{kind}{n}" type: "{kind}" bottom: "ip" top: "ip" }}\n'
        for n, kind in enumerate(kinds)
    )
    return INPUT + TARGET + inner_product("ip", "x", "ip") + layers + LOSS


@pytest.mark.parametrize("kinds", [("ReLU", "Dropout"), ("ReLU", "ReLU"), ("Dropout", "Sigmoid")])
def test_harmless_rows_of_in_place_layers(kinds: tuple[str, ...]) -> None:
    graph_of(_net(*kinds))


@pytest.mark.parametrize("kinds", [("Sigmoid", "ReLU"), ("ReLU", "Sigmoid"), ("TanH", "Dropout")])
def test_an_overwritten_top_that_backward_needs_is_refused(kinds: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        graph_of(_net(*kinds))
    text = str(caught.value)
    assert f"net.prototxt:5: layer '{kinds[1]}1' ({kinds[1]}): it works in place on 'ip'" in text
    assert f"the gradient of layer '{kinds[0]}0' ({kinds[0]})" in text


def test_without_backward_nothing_is_wrong() -> None:
    graph_of(_net("Sigmoid", "ReLU").replace(LOSS, ""), pb.TEST)
