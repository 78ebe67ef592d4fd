from __future__ import annotations

from mycaffe_py.errors import Where
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.text import read_text

TEXT = """name: "a"
layer {
  name: "one"
}
layer {
  name: "two"
  convolution_param {
    kernel_size: 3
    kernel_size: [5,
      7]
  }
  bottom: ["a",
    "b"]
}
"""
PLACES = read_text(TEXT, pb.NetParameter, "f").locations


def test_every_field_and_entry_has_its_line() -> None:
    assert PLACES.at("name") == Where("f", 1)
    assert PLACES.at("layer") == Where("f", 2)
    assert [PLACES.at("layer", i).line for i in range(2)] == [2, 5]
    kernel = ("layer", 1, "convolution_param", "kernel_size")
    assert [PLACES.at(*kernel, i).line for i in range(3)] == [8, 9, 10]
    assert [PLACES.at("layer", 1, "bottom", i).line for i in range(2)] == [12, 13]


def test_unknown_places_are_those_of_the_message_around() -> None:
    assert PLACES.at("layer", 1, "convolution_param", "pad", 0).line == 7
    assert PLACES.at("layer", 0, "relu_param", "engine").line == 2
    assert PLACES.at("layer", 7).line == 2
    assert PLACES.at("state", "phase") == Where("f")
    assert Locations.none("g").at("layer", 1) == Where("g")


def test_the_view_from_inside_a_message() -> None:
    inside = PLACES.under("layer", 1).under("convolution_param")
    assert inside.at("kernel_size", 2).line == 10
    assert inside.at("pad").line == 7
    assert inside.at().line == 7
    assert PLACES.under("layer", 1, "pooling_param").at("pad", 3) == Where("f", 5)


def test_places_move_with_their_entries() -> None:
    moved = PLACES.moved("layer", [("name",), ("layer", 1), ("layer", 0)])
    assert [moved.at("layer", i).line for i in range(3)] == [1, 5, 2]
    assert moved.at("layer", 1, "convolution_param", "kernel_size", 1).line == 9
    assert moved.at("name").line == 1
    assert PLACES.at("layer", 0).line == 2


def test_a_part_is_exchanged() -> None:
    part = PLACES.under("layer", 1).moved("bottom", [("name",)])
    changed = PLACES.replaced(("layer", 1), part)
    assert changed.at("layer", 1, "bottom", 0).line == 6
    assert changed.at("layer", 0).line == 2
    assert PLACES.at("layer", 1, "bottom", 0).line == 12
