"""A name becomes a net text that can be compiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText, net_text, read_model, text_card
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

TEXT = """name: "small"
state { level: 2 stage: "a" }
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }
layer { name: "r" type: "ReLU" bottom: "x" top: "r" include { phase: TRAIN } }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.prototxt"
    path.write_text(TEXT)
    return path


def test_a_text_is_read_in_the_state_it_gives_itself(file: Path) -> None:
    text = read_model(str(file))
    assert text.state == State(pb.TEST, 2, ("a",))
    assert (text.net.name, text.card.file, text.card.text) == ("small", str(file), TEXT)
    assert text.where.at("layer", 1).line == 4


def test_a_given_state_wins_in_phase_and_level_and_adds_its_stages(file: Path) -> None:
    text = read_model(str(file), pb.NetState(phase="TRAIN", level=1, stage=["b"]))
    assert text.state == State(pb.TRAIN, 1, ("a", "b"))


def test_states_are_counted_from_the_text_and_do_not_pile_up(file: Path) -> None:
    text = read_model(str(file)).in_state(pb.TRAIN).in_state(pb.TEST, pb.NetState(stage=["b"]))
    assert text.state == State(pb.TEST, 2, ("a", "b"))


def test_another_phase_selects_other_layers(file: Path) -> None:
    text = read_model(str(file))
    names = [layer.param.name for layer in text.selected()]
    assert names == ["x"]
    assert [layer.param.name for layer in text.in_phase(pb.TRAIN).selected()] == ["x", "r"]
    assert [layer.param.name for layer in text.layers()] == ["x", "r"]


def test_overrides_are_worked_into_the_net_and_not_into_its_card(file: Path) -> None:
    text = net_text(text_card(file), ["layer.r.relu_param.negative_slope=0.5"])
    assert text.net.layer[1].relu_param.negative_slope == 0.5
    assert text.card.text == TEXT


def test_what_was_upgraded_is_told(file: Path) -> None:
    file.write_text('input: "x" input_dim: 1 input_dim: 2 input_dim: 3 input_dim: 4')
    assert read_model(str(file)).notes == ("1 net inputs are read as a layer of type Input",)


def test_a_net_made_by_code_needs_no_text() -> None:
    net = pb.NetParameter()
    net.layer.add(name="x", type="Input", top=["x"]).input_param.shape.add(dim=[4])
    text = NetText(net, Locations.none(), State())
    assert compile_net(text).blobs["x"].shape == (4,)
    assert text.card.file == text.card.text == ""


def test_a_head_is_found_among_the_heads() -> None:
    assert Path(read_model("cosine", kind="head").card.file).parent.name == "heads"
    with pytest.raises(UserError, match="there is no model 'cosine'"):
        read_model("cosine")


def test_a_file_that_cannot_be_read_is_told_at_its_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        text_card(tmp_path)
