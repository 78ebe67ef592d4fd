from __future__ import annotations

from mycaffe_py.graph.select import located_layers
from mycaffe_py.graph.splits import insert_splits
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text


def _split(text: str) -> list[pb.LayerParameter]:
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    layers = insert_splits(located_layers(parsed.message, parsed.locations))
    return [layer.param for layer in layers]


def test_names_are_those_of_caffe() -> None:
    layers = _split("""
    layer { name: "data" top: "data" top: "label" }
    layer { name: "ip" bottom: "data" top: "ip" }
    layer { name: "acc" bottom: "ip" bottom: "label" top: "acc" }
    layer { name: "loss" bottom: "ip" bottom: "label" top: "loss" }
    """)
    assert [layer.name for layer in layers] == [
        "data", "label_data_1_split", "ip", "ip_ip_0_split", "acc", "loss",
    ]  # fmt: skip
    assert list(layers[4].bottom) == ["ip_ip_0_split_0", "label_data_1_split_0"]
    assert list(layers[5].bottom) == ["ip_ip_0_split_1", "label_data_1_split_1"]


def test_readers_behind_an_in_place_layer_attach_to_it() -> None:
    layers = _split("""
    layer { name: "ip" top: "ip" }
    layer { name: "relu" bottom: "ip" top: "ip" }
    layer { name: "a" bottom: "ip" top: "a" }
    layer { name: "b" bottom: "ip" top: "b" }
    """)
    assert [layer.name for layer in layers] == ["ip", "relu", "ip_relu_0_split", "a", "b"]


def test_an_explicit_loss_weight_counts_as_a_reader_and_moves_to_the_split() -> None:
    layers = _split("""
    layer { name: "l" top: "loss" loss_weight: 0.5 }
    layer { name: "r" bottom: "loss" top: "r" }
    """)
    assert list(layers[0].loss_weight) == [0]
    assert list(layers[1].loss_weight) == [0.5, 0]
    assert list(layers[2].bottom) == ["loss_l_0_split_1"]


def test_splitting_twice_changes_nothing() -> None:
    text = """
    layer { name: "x" top: "x" }
    layer { name: "a" bottom: "x" top: "a" }
    layer { name: "b" bottom: "x" top: "b" }
    """
    once = pb.NetParameter(layer=_split(text))
    again = insert_splits(located_layers(once, read_text("", pb.NetParameter).locations))
    assert [layer.param for layer in again] == list(once.layer)
