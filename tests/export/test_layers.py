"""Every layer's examples and cases, through onnxruntime; or its name in the list of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mycaffe_py.data.opening import Opening
from mycaffe_py.errors import UserError
from mycaffe_py.export.exported_net import ExportedNet, exported_net
from mycaffe_py.export.onnx.translate import to_onnx
from mycaffe_py.export.onnx.translator import translators
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import NONE
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.export.opened import Opened, net_text, with_inputs
from tests.layers.cases import Case, collect

# Layers without a translator.
INPUTS = {
    name
    for name in layer_types
    if layer_types.get(name).bottom_count == NONE and name not in translators
}
SPLIT = {"Split"}  # names only; see tests/export/onnx/test_translate.py
MEASURES = {
    name for name in layer_types if layer_types.get(name).is_loss or layer_types.get(name).measures
}
# Objects found one after another, files, the user's code, drawn pairs, what looks at all that was
# remembered.
ELSEWHERE = {
    "DetectionOutput", "PSROIPooling", "Proposal", "YoloDetectionOutput",
    "Yolov3DetectionOutput", "HDF5Output", "Python", "DataSequence", "KNN",
    "CTCGreedyDecoder", "Correlation", "FlowWarp", "ImResize", "Nms", "Resample", "Accum",
    "Correlation1D", "DataAugmentation", "Downsample", "Padding", "ReverseTime",
}  # fmt: skip
# Margins are for learning: the labels that they need are refused, plain scores are not.
MARGINS = ("", " SINGLE", " DOUBLE", " TRIPLE", " tells lambda")
REFUSED = {
    "Decode KNN in TRAIN", "Decode KNN in TEST", "Dropout that drops in TEST",
    *(f"MarginInnerProduct{name}" for name in MARGINS),
}  # fmt: skip

Array = np.ndarray[Any, Any]


def _param(case: Case) -> pb.LayerParameter:
    layers = read_text(case.text, pb.NetParameter, case.name).message.layer
    return layers[len(layers) - 1]


def _type(case: Case) -> str:
    return layer_types.get(_param(case).type).type


CASES = collect()
SINKS = {"Silence", "MatWrite"}
EXPORTED = [
    c for c in CASES if _type(c) in translators and _type(c) not in SINKS and c.name not in REFUSED
]
# These two learn the number of labels from the data, which these cases do without.
_NEED_DATA = {"AccuracyDecode", "AccuracyEncoding"}
OTHERS = [c for c in CASES if _type(c) in (MEASURES | ELSEWHERE) - _NEED_DATA or c.name in REFUSED]
_OVER = {"ids": lambda case: case.name}


def _text(case: Case) -> str:
    shapes = dict(zip(_param(case).bottom, map(tuple, case.shapes), strict=True))
    return with_inputs(case.text, shapes)


def _plain(case: Case) -> ExportedNet:
    """The case's net in phase TEST; parameters are those of the case, else normal numbers."""
    plain = exported_net(net_text(_text(case)), phase=pb.TEST, opening=Opening(heads=True))
    random = np.random.default_rng(7)
    node = plain.graph.nodes[-1]
    given = case.setting.params(random) if case.setting.params else []
    for index, key in enumerate(node.params):
        values = plain.net.values[key]
        if index < len(given) and given[index] is not None:
            values[...] = given[index]
        elif node.plan.params[index].learned:
            values[...] = random.normal(size=values.shape)
    return plain


def test_every_layer_is_exported_or_listed() -> None:
    listed = INPUTS | SPLIT | MEASURES | ELSEWHERE
    assert not listed & set(translators)
    assert listed | set(translators) == set(layer_types)


@pytest.mark.parametrize("case", EXPORTED, **_OVER)
def test_it_does_the_same(case: Case, tmp_path: Path) -> None:
    plain = _plain(case)
    file = Opened(plain, tmp_path / "net.onnx")
    random = np.random.default_rng(5)
    free = any(isinstance(dim, str) for dims in file.inputs.values() for dim in dims)
    for factor in (1, 2) if free else (1,):
        shapes = file.shapes(factor * _batch(case, file)) if free else file.shapes(0)
        made = case.setting.bottoms([shapes[name] for name in shapes], random)
        file.check(dict(zip(shapes, made, strict=True)))


def _batch(case: Case, file: Opened) -> int:
    """The batch in the case's shapes."""
    for shape, dims in zip(case.shapes, file.inputs.values(), strict=True):
        for length, dim in zip(shape, dims, strict=True):
            if dim == "N":
                return length
    raise AssertionError("no input has a batch")


@pytest.mark.parametrize("case", OTHERS, **_OVER)
def test_others_are_refused_in_their_place(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.setting.prepare is not None:
        monkeypatch.chdir(tmp_path)
        case.setting.prepare(tmp_path)
    with pytest.raises(UserError) as caught:
        to_onnx(_plain(case))
    error = caught.value
    assert error.where is not None
    lines = _text(case).splitlines()
    assert "type:" in lines[error.where.line - 1] or "target:" in lines[error.where.line - 1]
    assert error.found.startswith(f"layer '{_param(case).name}' ({_param(case).type}): ")
    assert "ONNX" in str(error)
