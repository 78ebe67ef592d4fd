"""Which net is exported, and with which weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.errors import UserError
from mycaffe_py.export.exported_net import exported_net, known_of, phase_of
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import read_weights, write_weights
from tests.conftest import SMALL_CLASSIFIER, SMALL_SIAMESE
from tests.export.opened import net_text, with_inputs

FEATURE = """
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 4 weight_filler { type: "gaussian" } } }
"""
LOSS = 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }'
SHAPES = {"data": (5, 3), "label": (5,)}


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        (with_inputs(FEATURE, SHAPES), pb.TEST),
        (with_inputs(FEATURE + LOSS, SHAPES), pb.RUN),
        (with_inputs(FEATURE + LOSS.replace("SoftmaxWithLoss", "Accuracy"), SHAPES), pb.RUN),
        (SMALL_CLASSIFIER, pb.RUN),
        ('layer { name: "p" type: "Parameter" top: "p" }', pb.TEST),
    ],
)
def test_run_only_where_it_is_another_net(text: str, phase: int) -> None:
    assert phase_of(net_text(text).net) == phase


def test_a_loss_with_its_label_is_gone() -> None:
    plain = exported_net(net_text(with_inputs(FEATURE + LOSS, SHAPES)))
    assert [node.layer.type for node in plain.graph.nodes if node.bottoms] == [
        "InnerProduct", "Softmax",
    ]  # fmt: skip
    assert plain.notes == ("no weights are given: these are random ones",)


def test_the_run_net_takes_shapes_from_the_data() -> None:
    text = net_text(SMALL_SIAMESE)
    known = known_of(text)
    assert known.shapes["data"] == (32, 1, 28, 28)
    assert list(known.stored["decode"]) == [(10, 8, 1, 1), (10, 1, 1, 1), (10, 1, 1, 1)]
    plain = exported_net(text)
    assert plain.graph.outputs == ("decode",)
    assert plain.tops[-1] == (("N", 10),)


def test_without_a_test_net_the_train_net_tells() -> None:
    train = SMALL_CLASSIFIER.replace('top: "label"', 'top: "label" include { phase: TRAIN }')
    assert known_of(net_text(train)).shapes["data"] == (64, 1, 28, 28)


def test_what_is_wrong_with_the_data_is_told() -> None:
    with pytest.raises(UserError, match="nowhere"):
        exported_net(net_text(SMALL_CLASSIFIER.replace("digits28.training", "nowhere.training")))


def test_weights_are_loaded_and_none_may_be_missing(tmp_path: Path) -> None:
    text = net_text(with_inputs(FEATURE, {"data": (5, 3)}))
    plain = exported_net(text)
    plain.net.values["ip[1]"][...] = 7
    write_weights(tmp_path / "w.caffemodel", "n", layer_weights(plain.net, text.net.layer))
    weights = read_weights(tmp_path / "w.caffemodel")
    again = exported_net(text, weights)
    assert again.notes == ()
    for key, values in plain.net.values.items():
        np.testing.assert_array_equal(again.net.values[key], values)
    more = net_text(with_inputs(FEATURE + FEATURE.replace('"ip"', '"two"'), {"data": (5, 3)}))
    with pytest.raises(UserError, match="has no weights for layer two"):
        exported_net(more, weights)


def test_the_net_is_as_small_as_can_be(digits_only: None) -> None:
    """A deploy text of AlexNet asks for ten pictures, whose blobs are of no use here."""
    plain = exported_net(read_model("lenet", pb.NetState()))
    assert plain.net.blob("data").shape == (1, 1, 28, 28)
    assert plain.tops[0] == (("N", 1, 28, 28),)
