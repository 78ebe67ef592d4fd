from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_run_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.graph.nets import branch, inner_product

SIAMESE = (
    'layer { name: "d" type: "DummyData" top: "pair" top: "sim" include { phase: TRAIN } '
    "dummy_data_param { shape { dim: 4 dim: 2 dim: 6 dim: 6 } shape { dim: 4 dim: 2 } } }\n"
    'layer { name: "s" type: "Slice" bottom: "pair" top: "a" top: "b" exclude { phase: RUN } }\n'
    + branch("", "a")
    + 'layer { name: "decode" type: "Decode" bottom: "feat" bottom: "sim" top: "distances" '
    "decode_param { label_count: 4 } }\n"
    + branch("_p", "b").replace("layer {", "layer { exclude { phase: RUN }")
)


def _run(text: str, shapes: dict[str, tuple[int, ...]]) -> Graph:
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return compile_run_net(NetText(parsed.message, parsed.locations, State(pb.RUN)), shapes, 7)


def test_the_slices_top_becomes_the_input() -> None:
    graph = _run(SIAMESE, {"a": (4, 1, 6, 6)})
    assert graph.inputs == ("a",)
    assert graph.blobs["distances"].shape == (7, 4)
    assert graph.outputs == ("distances",)
    assert "conv_p" not in [node.name for node in graph.nodes]


def test_a_classifier_ends_in_softmax_and_has_no_accuracy() -> None:
    text = (
        'layer { name: "d" type: "DummyData" top: "x" top: "label" '
        "dummy_data_param { shape { dim: 4 dim: 3 } shape { dim: 4 } } }\n"
        + inner_product("ip", "x", "ip")
        + 'layer { name: "acc" type: "Accuracy" bottom: "ip" bottom: "label" top: "acc" }\n'
        + 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "l" }\n'
    )
    graph = _run(text, {"x": (4, 3)})
    assert [(n.name, n.layer.type) for n in graph.nodes] == [
        ("x", "Input"), ("ip", "InnerProduct"), ("loss", "Softmax"),
    ]  # fmt: skip
    assert graph.blobs["loss"].shape == (7, 3)


def test_an_unknown_input_shape_is_said() -> None:
    with pytest.raises(UserError, match="its shape is not known"):
        _run(inner_product("ip", "x", "ip"), {})


def test_a_python_layer_that_reads_nothing_is_data() -> None:
    text = (
        'layer { name: "d" type: "Python" top: "x" top: "label" '
        'python_param { module: "not_there" layer: "Pictures" } }\n'
        + inner_product("ip", "x", "ip")
        + 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "l" }\n'
    )
    graph = _run(text, {"x": (4, 3)})
    assert [node.layer.type for node in graph.nodes] == ["Input", "InnerProduct", "Softmax"]


TRIPLETS = (
    'layer { name: "d" type: "DummyData" top: "images" top: "label" '
    "dummy_data_param { shape { dim: 4 dim: 1 dim: 6 dim: 6 } shape { dim: 4 } } }\n"
    'layer { name: "s" type: "DATASEQUENCE" bottom: "images" bottom: "label" '
    'top: "a" top: "b" top: "c" top: "labels" data_sequence_param { k: 1 label_count: 4 } }\n'
    + branch("", "a")
    + branch("_p", "b")
    + branch("_n", "c")
    + 'layer { name: "decode" type: "Decode" bottom: "feat" bottom: "labels" top: "distances" '
    "decode_param { label_count: 4 } }\n"
    'layer { name: "loss" type: "TripletLoss" bottom: "feat" bottom: "feat_p" bottom: "feat_n" '
    'bottom: "labels" top: "loss" }\n'
)


def test_the_anchors_of_triplets_become_the_input() -> None:
    """Without a rule anywhere: the partners' branches go with the data."""
    graph = _run(TRIPLETS, {"a": (4, 1, 6, 6)})
    assert graph.inputs == ("a",)
    assert graph.outputs == ("distances",)
    assert not [node.name for node in graph.nodes if node.name.endswith(("_p", "_n"))]


def test_nearest_neighbours_answer_without_labels_and_constants_stay() -> None:
    text = (
        'layer { name: "d" type: "DummyData" top: "x" top: "label" '
        "dummy_data_param { shape { dim: 4 dim: 3 } shape { dim: 4 } } }\n"
        'layer { name: "m" type: "LabelMapping" bottom: "label" top: "fewer" }\n'
        'layer { name: "c" type: "Constant" top: "c" '
        "constant_param { output_shape { dim: 3 } valuef: 2 } }\n"
        'layer { name: "b" type: "Bias" bottom: "x" bottom: "c" top: "feat" }\n'
        'layer { name: "knn" type: "KNN" bottom: "feat" bottom: "fewer" top: "near" }\n'
    )
    graph = _run(text, {"x": (4, 3)})
    assert [node.name for node in graph.nodes] == ["x", "c", "b", "knn"]
    assert graph.outputs == ("near",)
