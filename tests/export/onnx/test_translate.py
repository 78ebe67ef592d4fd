"""Names of tensors, what is an input and what an output, and that the batch stays free."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.export.exported_net import exported_net
from mycaffe_py.export.onnx.translate import to_onnx
from tests.export.opened import net_text, opened, with_inputs

PICTURES = {"data": (2, 3, 4, 4)}
CONVOLUTION = """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 2 kernel_size: 3 weight_filler { type: "gaussian" } } }
"""


def _one(kind: str, bottom: str, top: str, name: str) -> str:
    return f'layer {{ name: "{name}" type: "{kind}" bottom: "{bottom}" top: "{top}" }}\n'


def _check(text: str, path: Path, batches: tuple[int, ...] = (1, 3)) -> None:
    file = opened(text, path / "net.onnx")
    random = np.random.default_rng(3)
    for batch in batches:
        shapes = file.shapes(batch)
        file.check({name: random.normal(size=shape) for name, shape in shapes.items()})


def test_the_last_writer_of_a_blob_has_its_name(tmp_path: Path) -> None:
    text = with_inputs(CONVOLUTION, PICTURES)
    text += _one("ReLU", "conv", "conv", "relu") + _one("Sigmoid", "conv", "conv", "bend")
    made = to_onnx(exported_net(net_text(text)))
    assert [op.outputs for op in made.ops] == [("conv/conv",), ("conv/relu",), ("conv",)]
    assert [op.name for op in made.ops] == ["conv", "relu", "bend"]
    assert [port.name for port in made.outputs] == ["conv"]
    assert set(made.constants) == {"conv_0", "conv_1"}
    _check(text, tmp_path)


def test_an_input_keeps_its_name_when_it_is_written_over(tmp_path: Path) -> None:
    text = with_inputs(_one("ReLU", "data", "data", "relu"), PICTURES)
    made = to_onnx(exported_net(net_text(text)))
    assert [port.name for port in made.inputs] == ["data"]
    assert [port.name for port in made.outputs] == ["data/relu"]
    _check(text, tmp_path)


def test_splits_are_names_only(tmp_path: Path) -> None:
    text = with_inputs(CONVOLUTION, PICTURES)
    text += _one("ReLU", "conv", "a", "relu") + _one("TanH", "conv", "b", "tanh")
    text += 'layer { name: "two" type: "Split" bottom: "a" top: "c" top: "d" }\n'
    made = to_onnx(exported_net(net_text(text)))
    assert [op.kind for op in made.ops] == ["Conv", "Relu", "Tanh", "Identity", "Identity"]
    assert {port.name for port in made.outputs} == {"b", "c", "d"}
    _check(text, tmp_path)


def test_shared_weights_are_there_once(tmp_path: Path) -> None:
    shared = 'param { name: "w" } inner_product_param { num_output: 4 bias_term: false } }'
    text = with_inputs("", {"a": (2, 4)})
    for name, bottom, top in (("one", "a", "b"), ("two", "b", "c")):
        text += (
            f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{top}" {shared}'
        )
    assert list(to_onnx(exported_net(net_text(text))).constants) == ["one_0"]
    _check(text, tmp_path)


@pytest.mark.parametrize(
    ("layer", "dims"),
    [
        ('type: "Flatten" flatten_param { axis: 0 end_axis: 1 }', ("3N", 4, 4)),
        ('type: "Reshape" reshape_param { shape { dim: 0 dim: -1 } }', ("N", 48)),
        ('type: "Reshape" reshape_param { shape { dim: -1 dim: 4 } }', ("12N", 4)),
        ('type: "Reduction" reduction_param { operation: MEAN }', ()),
        ('type: "Tile" tile_param { axis: 0 tiles: 2 }', ("2N", 3, 4, 4)),
    ],
)
def test_lengths_follow_the_batch(layer: str, dims: tuple[int | str, ...], tmp_path: Path) -> None:
    text = with_inputs(f'layer {{ name: "x" bottom: "data" top: "y" {layer} }}', PICTURES)
    made = to_onnx(exported_net(net_text(text)))
    assert [port.dims for port in made.inputs] == [("N", 3, 4, 4)]
    assert [port.dims for port in made.outputs] == [dims]
    _check(text, tmp_path)


@pytest.mark.parametrize("points", ["", "slice_point: 3"])
def test_a_batch_is_cut(points: str, tmp_path: Path) -> None:
    text = with_inputs(
        'layer { name: "cut" type: "Slice" bottom: "data" top: "a" top: "b" '
        f"slice_param {{ axis: 0 {points} }} }}",
        {"data": (4, 3)},
    )
    _check(text, tmp_path, batches=(4, 8))


def test_a_batch_that_the_text_fixes_stays(tmp_path: Path) -> None:
    """An InnerProduct over the whole batch has as many weights as the batch has numbers."""
    text = with_inputs(
        'layer { name: "ip" type: "InnerProduct" bottom: "data" top: "y" '
        "inner_product_param { num_output: 2 axis: 0 } }",
        {"data": (4, 3)},
    )
    file = opened(text, tmp_path / "net.onnx")
    assert file.inputs == {"data": (4, 3)}
    assert file.plain.notes[0].startswith("the batch stays as it is in the text: net.prototxt:2:")
    file.check({"data": np.random.default_rng(1).normal(size=(4, 3))})


def test_inputs_of_another_length_are_no_batch(tmp_path: Path) -> None:
    text = with_inputs(
        'layer { name: "s" type: "Scale" bottom: "x" bottom: "by" top: "y" }',
        {"x": (5, 3, 2), "by": (3,)},
    )
    file = opened(text, tmp_path / "net.onnx")
    assert file.inputs == {"x": ("N", 3, 2), "by": (3,)}


def test_a_net_that_makes_nothing_is_refused() -> None:
    text = with_inputs('layer { name: "s" type: "Silence" bottom: "data" }', PICTURES)
    with pytest.raises(UserError, match="makes nothing"):
        to_onnx(exported_net(net_text(text)))


def test_what_onnx_could_do_but_nobody_has_written_is_told_so() -> None:
    text = with_inputs(
        'layer { name: "found" type: "DetectionOutput" bottom: "loc" bottom: "conf" bottom: "prior"'
        ' top: "found" detection_output_param { num_classes: 3 } }',
        {"loc": (1, 8), "conf": (1, 6), "prior": (1, 2, 8)},
    )
    with pytest.raises(UserError, match=r"\(DetectionOutput\): it is not written as ONNX yet"):
        to_onnx(exported_net(net_text(text)))


def test_a_layer_without_a_translator_is_named() -> None:
    text = with_inputs(
        'layer { name: "k" type: "KNN" bottom: "data" top: "y"\n  knn_param { num_output: 3 } }',
        {"data": (4, 3)},
    )
    with pytest.raises(UserError) as caught:
        to_onnx(exported_net(net_text(text)))
    told = str(caught.value)
    assert told.startswith("net.prototxt:2: layer 'k' (KNN): ONNX has nothing that does the same; ")
    assert "AbsVal" not in told, "a list of all layers helps nobody"
