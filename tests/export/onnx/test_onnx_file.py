"""The bytes of the file: what onnx reads back, weights in a file beside, a missing package."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.export.onnx.onnx_file import IR_VERSION, OPSET, write_onnx
from mycaffe_py.export.onnx.onnx_net import OnnxNet, Port, Tape
from mycaffe_py.installing import install_extra
from tests.export.opened import opened, with_inputs

TEXT = with_inputs(
    'layer { name: "ip" type: "InnerProduct" bottom: "data" top: "y" '
    'inner_product_param { num_output: 30 weight_filler { type: "gaussian" } } }',
    {"data": (2, 20)},
)


def _small() -> OnnxNet:
    tape = Tape(["x", "y"])
    by = tape.constant("by", np.arange(6, dtype=np.float32).reshape(2, 3))
    tape.write("times", "Mul", ["x", by], ["y"], {})
    ports = [(Port(name, ("N", 2, 3)),) for name in ("x", "y")]
    return OnnxNet("small", tuple(tape.ops), tape.constants, *ports, facts={"told": "so"})


def test_onnx_reads_what_was_said(tmp_path: Path) -> None:
    (path,) = write_onnx(tmp_path / "small.onnx", _small())
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert (model.ir_version, model.opset_import[0].version) == (IR_VERSION, OPSET)
    assert OPSET >= 13
    assert [(prop.key, prop.value) for prop in model.metadata_props] == [("told", "so")]
    assert model.graph.name == "small"
    (tensor,) = model.graph.initializer
    np.testing.assert_array_equal(
        onnx.numpy_helper.to_array(tensor), np.arange(6, dtype=np.float32).reshape(2, 3)
    )
    dims = model.graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_param or dim.dim_value for dim in dims] == ["N", 2, 3]


def test_the_same_net_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [opened(TEXT, tmp_path / name).files[0] for name in ("a.onnx", "b.onnx")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_too_large_lies_beside(tmp_path: Path) -> None:
    """30 x 20 weights are 2,400 bytes: with 1,000 bytes allowed they do not fit, biases do."""
    file = opened(TEXT, tmp_path / "net.onnx", most_bytes=1000)
    assert [path.name for path in file.files] == ["net.onnx", "net.onnx.data"]
    assert file.files[1].stat().st_size == 2400
    assert file.files[0].stat().st_size < 1000
    file.check({"data": np.random.default_rng(1).normal(size=(3, 20))})


def test_parameters_of_one_size_lie_beside_in_order(tmp_path: Path) -> None:
    second = 'layer { name: "b" type: "Bias" bottom: "y" top: "z" bias_param { num_axes: -1 } }'
    file = opened(
        with_inputs("", {"y": (2, 301)}) + second
        + 'layer { name: "s" type: "Scale" bottom: "z" top: "w" scale_param { bias_term: true } }',
        tmp_path / "net.onnx",
        most_bytes=1,
    )  # fmt: skip
    values = [file.plain.net.values[key] for key in ("b[0]", "s[0]", "s[1]")]
    for number, array in enumerate(values):
        array[...] = np.random.default_rng(number).normal(size=array.shape)
    again = type(file)(file.plain, tmp_path / "again.onnx", most_bytes=1)
    again.check({"y": np.random.default_rng(1).normal(size=(5, 301))})


def test_without_onnx_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UserError) as caught:
        write_onnx(tmp_path / "small.onnx", _small())
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("'mycaffe export onnx' needs the package 'onnx'")
    assert str(caught.value).endswith(install_extra("onnx"))
    assert not list(tmp_path.iterdir())
