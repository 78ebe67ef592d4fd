from mycaffe_py.graph.told.describe import describe, layer_table, param_table, shape_text
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import INPUT, graph_of, inner_product, siamese


def test_shapes_owners_and_sharers() -> None:
    facts = describe(graph_of(siamese()))
    assert facts.phase == "TRAIN"
    conv = next(layer for layer in facts.layers if layer.name == "conv")
    assert [(top.name, top.shape) for top in conv.tops] == [("conv", (4, 2, 4, 4))]
    assert conv.params == ("conv[0]", "conv[1]")
    assert conv.learned == 2 * 9 + 2
    twin = next(layer for layer in facts.layers if layer.name == "conv_p")
    assert (twin.params, twin.learned) == (conv.params, 0)
    assert facts.params[0].sharers == ("conv_p[0]",)
    assert facts.learned == 20 + (5 * 8 + 5) + (2 * 5 + 2)


def test_splits_are_left_out_and_names_are_those_of_the_text() -> None:
    text = INPUT + inner_product("a", "x", "a") + inner_product("b", "x", "b")
    facts = describe(graph_of(text))
    assert [layer.type for layer in facts.layers] == ["Input", "InnerProduct", "InnerProduct"]
    assert [layer.bottoms for layer in facts.layers] == [(), ("x",), ("x",)]


def test_what_runs_backward() -> None:
    facts = describe(graph_of(siamese()))
    assert [layer.name for layer in facts.layers if not layer.backward] == ["pair", "sim", "slice"]
    assert not any(layer.backward for layer in describe(graph_of(INPUT)).layers)


def test_state_is_counted_apart() -> None:
    text = INPUT + (
        'layer { name: "d" type: "Decode" bottom: "x" top: "d" decode_param { label_count: 5 } }'
    )
    facts = describe(graph_of(text, pb.TEST))
    assert (facts.learned, facts.state) == (0, 5 * 3 + 5 + 5)
    assert param_table(facts)[1].split() == ["d[0]", "5x3x1x1", "15", "state"]


def test_tables_are_aligned() -> None:
    lines = layer_table(describe(graph_of(siamese())))
    assert (
        len({line.index(word) for line, word in zip(lines[:2], ("type", "Input"), strict=True)})
        == 1
    )
    assert lines[-1].split() == ["loss", "ContrastiveLoss", "feat,", "feat_p,", "sim", "loss",
                                 "scalar", "yes"]  # fmt: skip


def test_shapes_in_words() -> None:
    assert shape_text((4, 3)) == "4x3"
    assert shape_text(()) == "scalar"
