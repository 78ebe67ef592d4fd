"""`mycaffe upgrade`: texts and binary files of every age."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.snapshot.weights import read_weights
from tests.conftest import Result

V1 = """
name: "old"
input: "x" input_dim: 2 input_dim: 3 input_dim: 4 input_dim: 5
layers { name: "conv" type: CONVOLUTION bottom: "x" top: "c" blobs_lr: 1 blobs_lr: 2
  convolution_param { num_output: 2 kernel_size: 3 } }
layers { name: "relu" type: RELU bottom: "c" top: "c" }
"""
V0 = """
name: "older"
layers { layer { name: "pad" type: "padding" pad: 2 } bottom: "x" top: "p" }
layers { layer { name: "conv" type: "conv" num_output: 2 kernelsize: 3 } bottom: "p" top: "c" }
layers { layer { name: "ip" type: "innerproduct" num_output: 6 } bottom: "c" top: "y" }
"""
WEIGHT = pb.BlobProto(num=1, channels=1, height=6, width=2, data=range(12))
BIAS = pb.BlobProto(num=1, channels=1, height=1, width=6, double_data=range(6))


@pytest.mark.parametrize("kind", [["net"], []])
def test_a_net_text(mycaffe: Callable[..., Result], tmp_path: Path, kind) -> None:
    (tmp_path / "old.prototxt").write_text(V1)
    result = mycaffe("upgrade", *kind, "old.prototxt", "new.prototxt")
    assert result.code == 0
    assert "2 layers of the old form (V1) are read as today's" in result.out
    net = read_text((tmp_path / "new.prototxt").read_text(), pb.NetParameter).message
    assert [layer.type for layer in net.layer] == ["Input", "Convolution", "ReLU"]
    assert not net.layers and not net.input_dim
    assert [spec.lr_mult for spec in net.layer[1].param] == [1, 2]


def test_what_was_upgraded_needs_no_second_time(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "old.prototxt").write_text(V1)
    mycaffe("upgrade", "old.prototxt", "new.prototxt")
    result = mycaffe("upgrade", "new.prototxt", "newest.prototxt")
    assert "nothing had to be changed" in result.out
    assert (tmp_path / "new.prototxt").read_text() == (tmp_path / "newest.prototxt").read_text()


@pytest.mark.parametrize("kind", [["solver"], []])
def test_a_solver_text(mycaffe: Callable[..., Result], tmp_path: Path, kind) -> None:
    (tmp_path / "old.solver").write_text("base_lr: 0.1 solver_type: ADAM net_param {" + V1 + "}")
    assert mycaffe("upgrade", *kind, "old.solver", "new.solver").code == 0
    solver = read_text((tmp_path / "new.solver").read_text(), pb.SolverParameter).message
    assert solver.type == "Adam" and not solver.HasField("solver_type")
    assert [layer.type for layer in solver.net_param.layer] == ["Input", "Convolution", "ReLU"]


@pytest.mark.parametrize("kind", [["weights"], ["net"], []])
@pytest.mark.parametrize("form", ["V0", "V1", "today"])
def test_binary_nets_of_three_forms(
    mycaffe: Callable[..., Result], tmp_path: Path, kind, form: str
) -> None:
    """The blobs come along as they are: to Caffe four numbers (1, 1, 6, 2) fit (6, 2)."""
    if form == "V0":
        net = read_text(V0, pb.NetParameter).message
        net.layers[2].layer.blobs.extend([WEIGHT, BIAS])
    elif form == "V1":
        net = read_text(V1, pb.NetParameter).message
        layer = net.layers.add(name="ip", type=pb.V1LayerParameter.INNER_PRODUCT)
        layer.blobs.extend([WEIGHT, BIAS])
    else:
        net = pb.NetParameter(name="today", input=["x"])
        net.layer.add(name="ip", type="InnerProduct", blobs=[WEIGHT, BIAS])
    (tmp_path / "old").write_bytes(net.SerializeToString())
    result = mycaffe("upgrade", *kind, "old", "new")
    assert result.code == 0, result.err
    upgraded = pb.NetParameter.FromString((tmp_path / "new").read_bytes())
    assert not upgraded.layers and not upgraded.input
    assert upgraded.name == net.name
    ip = next(layer for layer in upgraded.layer if layer.name == "ip")
    assert ip.type == "InnerProduct" and list(ip.blobs) == [WEIGHT, BIAS]
    if form == "V0":
        assert list(upgraded.layer[0].convolution_param.pad) == [2]
    weight, bias = read_weights(tmp_path / "new").layers["ip"]
    assert weight.agrees((6, 2)) and bias.agrees((6,))
    np.testing.assert_array_equal(bias.array.ravel(), np.arange(6))


def test_both_ways_give_the_same_net(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    """A binary net without weights is its text."""
    net = read_text(V0, pb.NetParameter).message
    (tmp_path / "a").write_bytes(net.SerializeToString())
    (tmp_path / "b").write_text(V0)
    assert mycaffe("upgrade", "a", "a2").code == mycaffe("upgrade", "b", "b2").code == 0
    text = read_text((tmp_path / "b2").read_text(), pb.NetParameter).message
    assert pb.NetParameter.FromString((tmp_path / "a2").read_bytes()) == text


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["text"], "a file and where to put it are wanted"),
        (["nets", "text", "out"], "net, solver or weights"),
        (["weights", "text", "out"], "text is a text; weights are a binary file"),
        (["solver", "binary", "out"], "binary is no text; a solver is always a text"),
        (["binary", "out"], "binary is no binary net, or a damaged one"),
        (["net", "missing", "out"], "cannot read missing: No such file"),
        (["wrong", "out"], "wrong:3: unknown field 'kernl'"),
    ],
)
def test_mistakes(
    mycaffe: Callable[..., Result], tmp_path: Path, words: list[str], complaint: str
) -> None:
    (tmp_path / "text").write_text(V1)
    (tmp_path / "binary").write_bytes(b"\xa2\x06\xff\x01")
    (tmp_path / "wrong").write_text('name: "x"\nlayer {\n  kernl: 3 }')
    result = mycaffe("upgrade", *words)
    assert result.code == 2
    assert complaint in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_every_truncation_is_one_error_or_a_smaller_net(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    net = read_text(V1, pb.NetParameter).message
    net.layers.add(name="ip", blobs=[WEIGHT])
    whole = net.SerializeToString()
    for size in range(1, len(whole)):
        (tmp_path / "cut").write_bytes(whole[:size])
        result = mycaffe("upgrade", "weights", "cut", "out")
        assert result.code in (0, 2)


@pytest.mark.parametrize("kind", [[], ["net"], ["solver"], ["weights"]])
def test_an_empty_file_is_called_empty(
    mycaffe: Callable[..., Result], tmp_path: Path, kind: list[str]
) -> None:
    (tmp_path / "cut.caffemodel").write_bytes(b"")
    out = tmp_path / "new.caffemodel"
    result = mycaffe("upgrade", *kind, str(tmp_path / "cut.caffemodel"), str(out))
    assert result.code == 2 and "cut.caffemodel is empty. Copy it again" in result.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("kind", "old", "out", "complaint"),
    [
        ([], "net.bin", "new.prototxt", "net.bin is a binary net and stays one"),
        (["weights"], "net.bin", "new.PROTOTXT", "ends in .caffemodel, as .prototxt is another"),
        (["net"], "net.bin", "new.txt", "For example: mycaffe upgrade net.bin new.caffemodel"),
        (
            [],
            "net.bin",
            "new.caffemodel.h5",
            "ends in .caffemodel, as .h5 is another kind of file. "
            "For example: mycaffe upgrade net.bin new.caffemodel\n",
        ),
        ([], "net.text", "new.caffemodel", "net.text is a model text and stays one"),
        (["net"], "net.text", "new.solver", "ends in .prototxt, as .solver is another"),
        ([], "solver.text", "new.caffemodel", "ends in .solver or .prototxt, as .caffemodel is"),
    ],
)
def test_no_file_is_written_under_the_name_of_another_kind(
    mycaffe: Callable[..., Result], tmp_path: Path, kind, old: str, out: str, complaint: str
) -> None:
    _write_three(tmp_path)
    result = mycaffe("upgrade", *kind, old, out)
    assert result.code == 2 and complaint in result.err
    assert not (tmp_path / out).exists()


@pytest.mark.parametrize(
    ("old", "out"),
    [
        ("net.bin", "new.caffemodel"),
        ("net.bin", "new.v2"),
        ("net.text", "new.prototxt"),
        ("net.text", "new.txt"),
        ("solver.text", "new.prototxt"),
        ("solver.text", "new.solver"),
        ("solver.text", "new"),
    ],
)
def test_a_fitting_name_and_one_that_says_nothing_are_taken(
    mycaffe: Callable[..., Result], tmp_path: Path, old: str, out: str
) -> None:
    _write_three(tmp_path)
    result = mycaffe("upgrade", old, out)
    assert result.code == 0, result.err
    assert (tmp_path / out).exists()


def _write_three(folder: Path) -> None:
    (folder / "net.text").write_text(V1)
    (folder / "net.bin").write_bytes(read_text(V1, pb.NetParameter).message.SerializeToString())
    (folder / "solver.text").write_text("base_lr: 0.1 solver_type: ADAM")
