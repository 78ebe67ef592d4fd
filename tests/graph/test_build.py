from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from tests.graph.nets import INPUT, graph_of, inner_product


def test_outputs_are_the_unread_blobs_in_byte_order() -> None:
    text = INPUT + inner_product("b", "x", "b") + inner_product("B", "x", "B")
    assert graph_of(text).outputs == ("B", "b")


def test_a_loss_without_a_top_gets_one_that_is_no_output() -> None:
    text = INPUT + (
        'layer { name: "y" type: "Input" top: "y" input_param { shape { dim: 4 dim: 3 } } }\n'
        'layer { name: "l" type: "EuclideanLoss" bottom: "x" bottom: "y" }\n'
    )
    graph = graph_of(text)
    assert graph.outputs == ()
    assert graph.nodes[-1].loss_weights == (1.0,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            inner_product("ip", "dta", "ip"),
            "layer 'ip' (InnerProduct): bottom 'dta' is made by no earlier layer",
        ),
        (
            INPUT + inner_product("a", "x", "y") + inner_product("b", "y", "x"),
            "top 'x' is already made by layer 'x' (net.prototxt:1)",
        ),
        (
            INPUT + 'layer { name: "a" type: "Flatten" bottom: "x" top: "x" }',
            "net.prototxt:2: layer 'a' (Flatten) cannot work in place on 'x'",
        ),
        (
            INPUT + 'layer { name: "a" type: "ReLU" bottom: "x" bottom: "x" top: "y" }',
            "layer 'a' (ReLU) has 2 bottoms (x, x); it takes 1.",
        ),
        (
            INPUT + 'layer { name: "a" type: "Rellu" bottom: "x" top: "y" }',
            "net.prototxt:2: unknown layer type 'Rellu'. Did you mean 'ReLU'?",
        ),
        (
            INPUT
            + 'layer { name: "a" type: "ReLU" bottom: "x" top: "x" }\n'
            + 'layer { name: "b" type: "ReLU" bottom: "x" top: "y" loss_weight: 1 loss_weight: 2 }',
            "net.prototxt:3: layer 'b' (ReLU): 2 loss_weight entries for 1 tops",
        ),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        graph_of(text)
    assert message in str(caught.value)


def test_in_place_on_a_blob_with_another_reader_is_refused() -> None:
    text = (
        INPUT
        + inner_product("ip", "x", "ip")
        + inner_product("other", "ip", "o")
        + 'layer { name: "r" type: "ReLU" bottom: "ip" top: "ip" }\n'
    )
    with pytest.raises(UserError, match="must not see it overwritten"):
        graph_of(text)


def test_errors_call_blobs_as_the_text_does_not_by_their_splits() -> None:
    text = (
        INPUT
        + inner_product("a", "x", "a", outputs=2)
        + inner_product("b", "x", "b")
        + 'layer { name: "side" type: "Silence" bottom: "a" }\n'
        + 'layer { name: "l" type: "EuclideanLoss" bottom: "a" bottom: "b" top: "l" }\n'
    )
    with pytest.raises(UserError) as caught:
        graph_of(text)
    assert "'a'" in str(caught.value)
    assert "split" not in str(caught.value)


def test_suggestions_are_blobs_of_the_text() -> None:
    text = INPUT + inner_product("a", "x", "a") + inner_product("b", "x", "b")
    with pytest.raises(UserError) as caught:
        graph_of(text + inner_product("c", "qqqq", "c"))
    assert "split" not in str(caught.value)
