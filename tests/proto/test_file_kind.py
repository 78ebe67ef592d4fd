"""What a file is, by its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.file_kind import MEAN, MODEL, RUN_CARD, SOLVER, STATE, WEIGHTS, kind_of
from mycaffe_py.proto.templates import templates, text_folder
from mycaffe_py.proto.text import decode, read_text

GOLDEN = Path(__file__).parent.parent / "golden"
LAYER = 'layer { name: "d" type: "Input" }'


def test_every_recorded_file_of_caffe_is_known() -> None:
    for ending, kind in ((".caffemodel", WEIGHTS), (".solverstate", STATE)):
        paths = list(GOLDEN.rglob(f"*{ending}"))
        assert paths
        assert {kind_of(path.read_bytes()) for path in paths} == {kind}
    for path in GOLDEN.glob("solvers/*/solver.prototxt"):
        assert kind_of(path.read_bytes()) == SOLVER


def test_every_template_is_known() -> None:
    assert {kind_of(template.model.read_bytes()) for template in templates()} == {MODEL}
    solvers = text_folder("solvers").glob("*.solver")
    assert {kind_of(path.read_bytes()) for path in solvers} == {SOLVER}


def test_weights_of_all_ages_and_the_other_messages_are_told_apart() -> None:
    blob = pb.BlobProto(data=[1.5, 0.25], num=1, channels=2, height=1, width=1)
    v1 = pb.NetParameter(name="old", layers=[pb.V1LayerParameter(name="ip", blobs=[blob])])
    v0 = pb.NetParameter(layers=[pb.V1LayerParameter(layer=pb.V0LayerParameter(blobs=[blob]))])
    for net in (v0, v1):
        assert kind_of(net.SerializeToString()) == WEIGHTS
    assert kind_of(blob.SerializeToString()) == MEAN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0\0", "a picture (JPEG)"),
        (b"SQLite format 3\0", "a data set of mycaffe (SQLite)"),
        (b"PK\x03\x04\x14\0", "a zip file, such as .npz or PyTorch's .pt"),
        ("net: 'a'".encode("utf-16"), "a text in UTF-16: save it as UTF-8"),
        (b'{"a": 1}', "a JSON file"),
        (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file"),
    ],
)
def test_other_files_are_named(content: bytes, words: str) -> None:
    assert str(kind_of(content)) == words


def test_the_name_tells_of_hdf5() -> None:
    assert "weights" in str(kind_of(b"\x89HDF\r\n\x1a\n\0", "n_iter_5.caffemodel.h5"))
    assert "solverstate" in str(kind_of(b"\x89HDF\r\n\x1a\n\0", "n_iter_5.solverstate.h5"))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08", b"\0\0\0\0", b"\xff\xff\x01"])
def test_what_is_not_clear_is_none(content: bytes) -> None:
    assert kind_of(content) is None


def test_a_solver_with_its_net_inside_is_a_solver() -> None:
    assert kind_of(f"base_lr: 0.1 net_param {{ {LAYER} }}".encode()) == SOLVER
    assert kind_of(f"# base_lr: 0.1\n{LAYER}".encode()) == MODEL


@pytest.mark.parametrize(
    ("text", "message", "words"),
    [
        ('net: "a.prototxt" base_lr: 0.1', pb.NetParameter, "this is a solver text; a model text"),
        (LAYER, pb.SolverParameter, "this is a model text; a solver text is wanted"),
        ('{"solver": {}, "seed": 1}', pb.NetParameter, "this is a run card; a model text"),
    ],
)
def test_a_text_of_another_kind_is_named(text: str, message: type, words: str) -> None:
    with pytest.raises(UserError, match=f"^f: {words}"):
        read_text(text, message, "f")


def test_a_mistake_in_the_right_text_stays_the_one_that_is_told() -> None:
    with pytest.raises(UserError, match=r"f:1: .*base_rl"):
        read_text("base_rl: 0.1 max_iter: 4", pb.SolverParameter, "f")
    with pytest.raises(UserError, match=r"f:1: .*bottum"):
        read_text('layer { bottum: "net: base_lr: 5" }', pb.NetParameter, "f")


def test_a_binary_file_for_a_text_is_named() -> None:
    raw = (GOLDEN / "solvers" / "adam" / "snap_iter_3.caffemodel").read_bytes()
    with pytest.raises(UserError, match=r"^f: this is a .caffemodel \(weights\); a text is wanted"):
        decode(raw, "f")
    assert RUN_CARD.name == "a run card"
