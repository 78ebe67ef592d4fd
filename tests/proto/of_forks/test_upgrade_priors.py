"""PriorBoxes of FaceBoxes and TextBoxes, told by the convolutions beside them."""

from __future__ import annotations

import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import upgrade_parsed_net


def _boxes(*nets: tuple[str, int]) -> list[pb.PriorBoxParameter]:
    """The upgraded options of a PriorBox for each (options, channels of the convolution)."""
    ports = " ".join(f'bottom: "flat{k}"' for k in range(len(nets)))
    text = f"""layer {{ name: "all" type: "Concat" {ports} top: "all" }}
      layer {{ name: "found" type: "DetectionOutput" bottom: "all" top: "found" }}"""
    for k, (options, channels) in enumerate(nets):
        text += f"""layer {{ name: "loc{k}" type: "Convolution" bottom: "map{k}" top: "loc{k}"
          convolution_param {{ num_output: {channels} kernel_size: 1 }} }}
        layer {{ name: "conf{k}" type: "Convolution" bottom: "map{k}" top: "conf{k}"
          convolution_param {{ num_output: 12 kernel_size: 1 }} }}
        layer {{ name: "flat{k}" type: "Flatten" bottom: "loc{k}" top: "flat{k}" }}
        layer {{ name: "p{k}" type: "PriorBox" bottom: "map{k}" bottom: "data" top: "p{k}"
          prior_box_param {{ {options} }} }}"""
    net = upgrade_parsed_net(read_text(text, pb.NetParameter)).message
    return [layer.prior_box_param for layer in net.layer if layer.type == "PriorBox"]


def test_faceboxes() -> None:
    first, second = _boxes(("min_size: 32 min_size: 64 min_size: 128", 84), ("min_size: 256", 4))
    # One of them shows whose all are.
    assert first.densified and second.densified


def test_textboxes() -> None:
    first, second = _boxes(
        ("min_size: 30 aspect_ratio: 2 flip: false", 16),
        ("min_size: 60 max_size: 90 aspect_ratio: 2 flip: false", 24),
    )
    for box in (first, second):
        assert list(box.offset_h) == [0.5, 1.0] and list(box.offset_w) == [0.5, 0.5]


@pytest.mark.parametrize(
    ("options", "channels"),
    [
        # As the SSD fork lays them.
        ("min_size: 32 min_size: 64 min_size: 128", 12),
        ("min_size: 30 aspect_ratio: 2", 12),
        # As nobody does.
        ("min_size: 32 min_size: 64 min_size: 128", 20),
        # The text says itself where boxes lie.
        ("min_size: 30 offset_h: 0.25 offset_w: 0.5", 8),
        ("min_size: 32 densified: false", 64),
    ],
)
def test_others_stay_as_they_are(options: str, channels: int) -> None:
    (box,) = _boxes((options, channels))
    text = f'layer {{ name: "a" prior_box_param {{ {options} }} }}'
    assert box == read_text(text, pb.NetParameter).message.layer[0].prior_box_param
