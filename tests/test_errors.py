"""One broken text, one exact message: where, what was found, what was wanted, what to do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.errors import MyCaffeError, UserError, Where, nearest, reason_of
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import upgrade_net
from tests.conftest import Result

# Lines 1 to 4; what each case adds starts at line 5.
HEAD = """\
layer {
  name: "in" type: "Input" top: "data" top: "label"
  input_param { shape { dim: 4 dim: 3 dim: 8 dim: 8 } shape { dim: 4 dim: 1 } }
}
"""
CONV = """\
layer {
  name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 2 kernel_size: 9 }
}
"""
SHARED = """\
layer {
  name: "a" type: "InnerProduct" bottom: "data" top: "a"
  param { name: "w" } inner_product_param { num_output: 2 bias_term: false }
}
layer {
  name: "b" type: "InnerProduct" bottom: "data" top: "b"
  param { name: "w" } inner_product_param { num_output: 3 bias_term: false }
}
"""
SLICE = """\
layer {
  name: "cut" type: "Slice" bottom: "data" top: "x" top: "y" top: "z"
  slice_param { slice_point: 2 slice_point: 1 }
}
"""
CASES = {
    "unknown layer type": (
        'layer { name: "c" type: "Convlution" bottom: "data" top: "c" }',
        "net.prototxt:5: unknown layer type 'Convlution'. Did you mean 'Convolution'?",
    ),
    "missing bottom": (
        'layer { name: "r" type: "ReLU" bottom: "dada" top: "r" }',
        "net.prototxt:5: layer 'r' (ReLU): bottom 'dada' is made by no earlier layer. "
        "Did you mean 'data'?",
    ),
    "two tops of one name": (
        'layer {\n  name: "s" type: "Sigmoid" bottom: "data"\n  top: "label"\n}',
        "net.prototxt:7: layer 's' (Sigmoid): top 'label' is already made by layer 'in' "
        "(net.prototxt:2); each blob has one producer. Give the top a name of its own.",
    ),
    "too few bottoms": (
        'layer { name: "l" type: "EuclideanLoss" bottom: "data" top: "l" }',
        "net.prototxt:5: layer 'l' (EuclideanLoss) has 1 bottoms (data); it takes 2.",
    ),
    "include and exclude": (
        'layer {\n  name: "r" type: "ReLU" bottom: "data" top: "r"\n'
        "  include { phase: TRAIN }\n  exclude { phase: TEST }\n}",
        "net.prototxt:8: layer 'r' has both include and exclude rules; a layer may have one kind. "
        "Say with include when it is there, or with exclude when it is not.",
    ),
    "kernel larger than input": (
        CONV,
        "net.prototxt:7: layer 'conv' (Convolution): a window of 9 x 9 pixels is larger "
        "than its input; bottom 'data' is (4, 3, 8, 8), with pad 0 x 0. Make the kernel "
        "smaller, or pad more.",
    ),
    "shared parameters of two shapes": (
        SHARED,
        "net.prototxt:11: layer 'b' (InnerProduct): parameter 0 ('w') is (3, 192); its owner, "
        "layer 'a', has (2, 192), and a shared parameter has one shape. "
        "Give both layers the same sizes, or the parameters different names.",
    ),
    "slice points out of order": (
        SLICE,
        "net.prototxt:7: layer 'cut' (Slice): slice_point 2, 1 of an axis with 3 entries;"
        " points must rise, from 1 at least to the extent of the axis less 1.",
    ),
    "unknown field": (
        'layer { name: "r" tipe: "ReLU" }',
        "net.prototxt:5: unknown field 'tipe'; LayerParameter has no such field. Did you "
        "mean 'type'?",
    ),
    "unknown field of an option": (
        'layer {\n  name: "r" type: "ReLU" bottom: "data" top: "r"\n'
        "  relu_param { negative_slop: 0.1 }\n}",
        "net.prototxt:7: unknown field 'negative_slop'; ReLUParameter has no such field. "
        "Did you mean 'negative_slope'?",
    ),
    "a word where a number belongs": (
        'layer {\n  name: "r" type: "ReLU" bottom: "data" top: "r"\n'
        "  relu_param { negative_slope: much }\n}",
        "net.prototxt:7: 'much' is no value for 'negative_slope'; it holds a number.",
    ),
    "a brace that is not closed": (
        'layer { name: "r" type: "ReLU"',
        "net.prototxt:5: the bracket of 'LayerParameter' is never closed; a '}' before "
        "the end of the text.",
    ),
    "a layer that works in place but may not": (
        'layer { name: "c" type: "InnerProduct" bottom: "data" top: "data"\n'
        "  inner_product_param { num_output: 2 } }",
        "net.prototxt:5: layer 'c' (InnerProduct) cannot work in place on 'data'; its "
        "gradient needs the bottom unchanged. Give the top a name of its own.",
    ),
}


def compile_text(text, phase=pb.TRAIN):
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return compile_net(NetText(upgrade_net(parsed.message), parsed.locations, State(phase)))


@pytest.mark.parametrize("name", CASES)
def test_broken_text(name) -> None:
    text, message = CASES[name]
    with pytest.raises(UserError) as caught:
        compile_text(HEAD + text)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


def test_the_head_by_itself_is_sound() -> None:
    assert compile_text(HEAD).blobs["data"].shape == (4, 3, 8, 8)


def test_an_error_is_told_in_order() -> None:
    error = UserError("found", where=Where("f", 3), wanted="wanted", do="Do.")
    assert str(error) == "f:3: found; wanted. Do."
    assert str(MyCaffeError("Full stop?")) == "Full stop?"
    assert str(Where("f")) == "f"


def test_nearest_ignores_case_and_lists_what_is_known() -> None:
    assert nearest("relu", ["ReLU", "TanH"]) == "Did you mean 'ReLU'?"
    assert nearest("xyz", ["b", "a"]) == "Known: a, b."
    assert nearest("xyz", []) == ""


def test_a_place_without_a_file_is_not_told() -> None:
    assert str(UserError("it fails", where=Where(""))) == "it fails."


def test_an_error_is_there_for_machines_too() -> None:
    with pytest.raises(UserError) as error:
        read_text('layer {\n  name: "a"\n  type: "x"  bottm: "b"\n}\n', pb.NetParameter, "n")
    told = error.value.as_json()
    assert (told["file"], told["line"], told["column"]) == ("n", 3, 14)
    assert (told["found"], told["do"]) == ("unknown field 'bottm'", "Did you mean 'bottom'?")
    assert (told["text"], told["exit_code"]) == (str(error.value), 2)


def test_the_column_of_a_value_is_where_it_begins() -> None:
    with pytest.raises(UserError) as error:
        read_text('name: "n"\n  force_backward: 7', pb.NetParameter, "n")
    assert error.value.where == Where("n", 2)
    assert error.value.as_json()["column"] == 19
    assert MyCaffeError("x").as_json()["file"] == ""


def test_the_column_of_an_unknown_layer_type_is_told(
    tmp_path: Path, mycaffe: Callable[..., Result]
) -> None:
    (tmp_path / "n.prototxt").write_text('layer { name: "a" type: "Convlution" }\n')
    told = json.loads(mycaffe("explain", "model", "n.prototxt", "--json").out)["error"]
    assert (told["line"], told["column"]) == (1, 19)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "No such file or directory"),
        (OSError("cannot seek"), "cannot seek"),
        (ValueError("no names"), "no names"),
        (ValueError(), "ValueError"),
    ],
)
def test_a_reason_has_no_number_and_no_path(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_a_table_that_is_not_there(mycaffe: Callable[..., Result]) -> None:
    done = mycaffe("dataset", "create", "csv", "no.csv", "--name", "C")
    assert "error: no.csv cannot be read: No such file or directory; a CSV" in done.err
