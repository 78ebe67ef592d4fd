from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from tests.graph.nets import INPUT, graph_of, inner_product


def _two(first: str, second: str, outputs: int = 3) -> str:
    return (
        INPUT + inner_product("a", "x", "a", first) + inner_product("b", "x", "b", second, outputs)
    )


def test_one_name_is_one_parameter() -> None:
    graph = graph_of(_two('param { name: "w" }', 'param { name: "w" }'))
    assert list(graph.params) == ["a[0]", "a[1]", "b[1]"]
    assert graph.params["a[0]"].sharers == ("b[0]",)
    assert graph.node("b").params == ("a[0]", "b[1]")


def test_the_sharers_multiplier_counts_when_the_owner_has_none() -> None:
    graph = graph_of(_two('param { name: "w" }', 'param { name: "w" lr_mult: 3 }'))
    assert graph.params["a[0]"].lr_mult == 3


@pytest.mark.parametrize(
    ("first", "second", "outputs", "message"),
    [
        ('param { name: "w" }', 'param { name: "w" }', 4,
         "net.prototxt:3: layer 'b' (InnerProduct): parameter 0 ('w') is (4, 3); its owner, "
         "layer 'a', has (3, 3)"),
        ('param { name: "w" lr_mult: 1 }', 'param { name: "w" lr_mult: 2 }', 3,
         "lr_mult 2 for shared parameter 'w'; its owner, layer 'a', says 1"),
        ('param { name: "w" } param { name: "w" }', "", 3,
         "layer 'a' (InnerProduct): parameter 1 ('w') is (3,); its owner, layer 'a', has (3, 3)"),
        ("", "param { } param { } param { }", 3, "3 param entries, but the layer has 2"),
    ],
)  # fmt: skip
def test_conflicts(first: str, second: str, outputs: int, message: str) -> None:
    with pytest.raises(UserError) as caught:
        graph_of(_two(first, second, outputs))
    assert message in str(caught.value)


def test_permissive_sharing_wants_equal_counts_only() -> None:
    text = (
        'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 4 dim: 2 } } }\n'
        'layer { name: "z" type: "Input" top: "z" input_param { shape { dim: 4 dim: 3 } } }\n'
        + inner_product("a", "x", "a", 'param { name: "w" }', 3)
        + inner_product("b", "z", "b", 'param { name: "w" share_mode: PERMISSIVE }', 2)
    )
    assert graph_of(text).params["a[0]"].sharers == ("b[0]",)
    with pytest.raises(UserError):
        graph_of(text.replace("share_mode: PERMISSIVE", ""))
