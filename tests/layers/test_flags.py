"""What a layer is for is told by its flags: nobody else asks for the name of its type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mycaffe_py
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Layer

PACKAGE = Path(mycaffe_py.__file__).parent
LAYERS = [layer_types.get(name) for name in layer_types]


def test_nobody_reads_a_layer_type_letter_by_letter() -> None:
    asking = re.compile(r"\b(type|kind)\.(startswith|endswith)\(")
    files = [path for path in PACKAGE.rglob("*.py") if "layers" not in path.parts]
    assert files
    assert [path.name for path in files if asking.search(path.read_text())] == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.type)
def test_the_flags_agree(layer: Layer) -> None:
    assert not (layer.is_loss and layer.measures)
    if layer.takes_logarithm or layer.runs_as:
        assert layer.is_loss
    if layer.measures:
        assert not layer.has_backward
    if layer.judges:
        assert layer.is_loss or layer.measures
    if layer.runs_as:
        assert layer_types.get(layer.runs_as).answers
    if layer.bottoms_in_run is not None:
        assert layer.bottom_count.least <= layer.bottoms_in_run < layer.bottom_count.most


def test_the_flags_tell_the_layers_apart() -> None:
    assert {layer.type for layer in LAYERS if layer.answers == "distances"} == {"Decode"}
    assert layer_types.get("ContrastiveLoss").judges == "pairs"
    assert layer_types.get("SoftmaxWithLoss").judges == "class"
    assert layer_types.get("AccuracyDecode").measures
    assert not layer_types.get("EuclideanLoss").judges
