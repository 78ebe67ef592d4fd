"""Broken texts: the page tells the message and the line that the command tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")

from mycaffe_py.proto.templates import template_path
from tests.studio.asking import client

SIAMESE = template_path("model", "siamese_28x28").read_text(encoding="utf-8")
SOLVER = template_path("solver", "siamese_28x28").read_text(encoding="utf-8")
SLICE = 'layer { name: "cut" type: "Slice" bottom: "d" top: "a" top: "b" slice_param { %s } }\n'
DATA = (
    'layer { name: "d" type: "DummyData" top: "d" top: "l" dummy_data_param {\n'
    "  shape { dim: 4 dim: 6 } shape { dim: 4 } } }\n"
)
SHARED = (
    'layer { name: "%s" type: "InnerProduct" bottom: "%s" top: "%s" param { name: "w" }\n'
    "  inner_product_param { num_output: %d } }\n"
)

# What a writer of a net does wrong in the tutorial's text, and a word of what is told.
SLIPS = {
    "type misspelt": ('type: "Pooling"', 'type: "Poling"', "Did you mean 'Pooling'?"),
    "field misspelt": ("num_output: 20", "num_otput: 20", "Did you mean 'num_output'?"),
    "message misspelt": ("pooling_param", "poling_param", "Did you mean 'pooling_param'?"),
    "enum misspelt": ("pool: MAX", "pool: MAXX", "Did you mean 'MAX'?"),
    "phase misspelt": ("phase: TRAIN", "phase: TRIAN", "Did you mean 'TRAIN'?"),
    "word for a number": ("num_output: 20", "num_output: many", "num_output"),
    "negative number": ("num_output: 20", "num_output: -20", "num_output"),
    "decimal comma": ("scale: 0.00390625", "scale: 0,00390625", "0.01, not 0,01"),
    "equals sign": ("num_output: 20", "num_output = 20", "Write ':' instead of '='"),
    "no colon": ("num_output: 20", "num_output 20", "behind 'num_output'"),
    "given twice": ("num_output: 20", "num_output: 20 num_output: 30", "num_output"),
    "curly quotes": ('type: "Pooling"', "type: \u201cPooling\u201d", "straight"),
    "open quote": ('top: "sim"', 'top: "sim', "closing quote"),
    "comment of C": ("pool: MAX", "pool: MAX // the greatest", "Begin a comment with #"),
    "brace too many": ('name: "conv1"', '} name: "conv1"', "convolution_param"),
    "bottom that nobody makes": ('bottom: "conv1"', 'bottom: "conv9"', "conv9"),
    "no bottom": ('bottom: "conv1"', "", "bottom"),
    "bottom too many": ('bottom: "conv1"', 'bottom: "conv1" bottom: "conv1"', "2 bottoms"),
    "top of another layer": ('top: "conv2"', 'top: "conv1"', "conv1"),
    "two layers of one name": ('name: "conv2"', 'name: "conv1"', "conv1"),
    "no batch": ("batch_size: 64", "batch_size: 0", "batch_size"),
    "no such data set": ("MNIST.training", "MNITS.training", "MNITS"),
    "kernel greater than the image": ("kernel_size: 5", "kernel_size: 500", "kernel"),
    "no stride": ("stride: 1", "stride: 0", "stride"),
    "no outputs": ("num_output: 20", "num_output: 0", "num_output"),
    "no such filler": ('type: "xavier"', 'type: "xaver"', "xaver"),
    "twins of other sizes": ("num_output: 20", "num_output: 24", "conv1"),
    "control character": ("num_output: 20", "num_output: 2\x000", ""),
}
# Whole texts.
NETS = {
    "unclosed brace": (SIAMESE.rstrip().removesuffix("}"), "never closed"),
    "a solver": (SOLVER, "solver"),
    "slice behind the end": (DATA + SLICE % "axis: 1 slice_point: 7", "slice_point"),
    "slice points too many": (DATA + SLICE % "slice_point: 1 slice_point: 2", "slice_point"),
    "slice that does not divide": (
        DATA + SLICE.replace('top: "b"', 'top: "b" top: "c" top: "e"') % "axis: 1", "",
    ),
    "a circle": (
        'layer { name: "x" type: "ReLU" bottom: "b" top: "a" }\n'
        'layer { name: "y" type: "ReLU" bottom: "a" top: "b" }\n', "'b'",
    ),
    "shared weights of other shapes": (
        DATA + SHARED % ("one", "d", "x", 3) + SHARED % ("two", "x", "y", 3), "two",
    ),
    "labels of another count": (
        DATA + 'layer { name: "loss" type: "EuclideanLoss" bottom: "d" bottom: "l" top: "loss" }',
        "loss",
    ),
    "a dimension of nothing": (DATA.replace("dim: 6", "dim: -6"), ""),
    "an axis that is not there": (DATA + SLICE % "axis: 5 slice_point: 1", "axis"),
    "a sum of other shapes": (
        DATA + 'layer { name: "s" type: "Eltwise" bottom: "d" bottom: "l" top: "s" }', "s",
    ),
    "a reshape that does not fit": (
        DATA + 'layer { name: "r" type: "Reshape" bottom: "d" top: "r"\n'
        "  reshape_param { shape { dim: 5 dim: -1 } } }", "",
    ),
    "only words": ("this is my net\n", ""),
}  # fmt: skip
SOLVERS = {
    "unknown field": ("base_lr: ", "base_rl: ", "Did you mean 'base_lr'?"),
    "no such policy": ('lr_policy: "inv"', 'lr_policy: "iv"', "iv"),
    "no such type": ('type: "SGD"', 'type: "SDG"', "Did you mean 'SGD'?"),
    "no such net": ("siamese_28x28.prototxt", "siamese_28x82.prototxt", "siamese_28x82"),
    "word for the rate": ("base_lr: ", "base_lr: fast #", "base_lr"),
    "negative length": ("max_iter: ", "max_iter: -", "max_iter"),
    "no interval": ("test_interval: 500", "test_interval: 0", "test_interval"),
    "too few tests": (
        "test_iter: ",
        'test_net: "lenet" test_net: "lenet" test_iter: ',
        "test_iter",
    ),
    "steps in no order": ('"inv"', '"multistep" stepvalue: [9, 5]', "rising order"),
    "no step": ('"inv"', '"step"', "stepsize"),
    "no net": ('net: "siamese_28x28.prototxt"', "", "no net is named"),
    "momentum of more than all": ("momentum: 0.9", "momentum: 1.9", "momentum"),
    "a slip in its net": ("siamese_28x28.prototxt", "slip.prototxt", "Did you mean 'num_output'?"),
    "no gamma": ("gamma: ", "#", "gamma"),
    "open quote": ('lr_policy: "inv"', 'lr_policy: "inv', "closing quote"),
}


def _told(folder: Path, name: str, text: str) -> dict[str, Any]:
    """The mistake that the page of a text shows."""
    answer = client(folder)("POST", "/api/check", name=name, content=text)
    assert answer.status == 200
    error = answer.json["error"]
    assert error is not None, "the page has nothing to say"
    return dict(error)


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_net_is_told_as_the_command_tells_it(
    slip: str,
    tmp_path: Path,
    mycaffe: Callable[..., Any],
) -> None:
    right, wrong, word = SLIPS[slip]
    assert right in SIAMESE
    _compare(SIAMESE.replace(right, wrong, 1), word, tmp_path, mycaffe)


@pytest.mark.parametrize("kind", NETS)
def test_a_wrong_net_is_told_as_the_command_tells_it(
    kind: str,
    tmp_path: Path,
    mycaffe: Callable[..., Any],
) -> None:
    _compare(*NETS[kind], tmp_path, mycaffe)


def _compare(text: str, word: str, folder: Path, mycaffe: Callable[..., Any]) -> None:
    path = folder / "mine.prototxt"
    path.write_text(text, encoding="utf-8")
    error = _told(folder, path.name, text)
    assert word in error["text"]
    # A whole text of another kind is wrong at no line of its own.
    assert error["line"] > 0 or "this is" in error["text"]
    done = mycaffe("explain", "model", str(path))
    assert done.code == 2
    assert error["text"] in done.err


@pytest.mark.parametrize("slip", SOLVERS)
def test_a_slip_in_a_solver_is_told_as_the_command_tells_it(
    slip: str,
    tmp_path: Path,
    mycaffe: Callable[..., Any],
) -> None:
    right, wrong, word = SOLVERS[slip]
    assert right in SOLVER
    text = SOLVER.replace(right, wrong, 1)
    (tmp_path / "mine.solver").write_text(text)
    (tmp_path / "siamese_28x28.prototxt").write_text(SIAMESE)
    (tmp_path / "slip.prototxt").write_text(SIAMESE.replace("num_output", "num_otput", 1))
    error = _told(tmp_path, "mine.solver", text)
    assert word in error["text"]
    # What is missing stands at no line.
    assert error["line"] > 0 or right not in text
    done = mycaffe("train", "--solver", str(tmp_path / "mine.solver"))
    assert done.code == 2
    assert error["text"] in done.err


FILES = {
    "nothing": (b"", "there is no layer"),
    "a binary file": (bytes(range(256)) * 4, "binary"),
    "zeros": (SIAMESE.encode().replace(b"Pooling", b"Poo\0ling", 1), "Did you mean 'Pooling'?"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_text_is_told_as_the_command_tells_it(
    kind: str,
    tmp_path: Path,
    mycaffe: Callable[..., Any],
) -> None:
    raw, word = FILES[kind]
    path = tmp_path / "mine.prototxt"
    path.write_bytes(raw)
    read = client(tmp_path)("GET", "/api/text", name=path.name).json
    error = read.get("error") or _told(tmp_path, path.name, read["content"])
    assert word in error["text"]
    assert error["text"] in mycaffe("explain", "model", str(path)).err


@pytest.mark.parametrize("raw", [
    b"\xef\xbb\xbf" + SIAMESE.encode(), SIAMESE.replace("\n", "\r\n").encode(),
    b"\xef\xbb\xbf" + SIAMESE.replace("\n", "\r\n").encode(),
], ids=["mark", "lines", "both"])  # fmt: skip
def test_what_an_editor_of_windows_wrote_stays_so(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.prototxt"
    path.write_bytes(raw)
    ask = client(tmp_path)
    text = ask("GET", "/api/text", name=path.name).json
    checked = ask("POST", "/api/check", name=path.name, content=text["content"]).json
    assert checked["error"] is None and len(checked["nets"]) == 3
    changed = text["content"].replace("num_output: 20", "num_output: 24")
    saved = ask("PUT", "/api/text", name=path.name, content=changed, version=text["version"])
    assert saved.json["content"] == changed
    assert path.read_bytes() == raw.replace(b"num_output: 20", b"num_output: 24")


def test_a_text_in_an_old_encoding_is_not_changed_in_passing(tmp_path: Path) -> None:
    path = tmp_path / "mine.prototxt"
    path.write_bytes(b"# gr\xf6\xdfe\n" + SIAMESE.encode())
    answer = client(tmp_path)("GET", "/api/text", name=path.name)
    assert answer.status == 400 and "Save it as UTF-8" in answer.json["error"]["text"]
