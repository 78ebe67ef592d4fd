"""Sizes that no machine has end in one error, and planning a large net takes no memory."""

import tracemalloc

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto.model_text import read_net


def _compiled(text: str):
    read = read_net(text, "net.prototxt")
    return compile_net(NetText(read.message, read.locations, State()), passes=ALL_PASSES)


def _input(*dims: int) -> str:
    sizes = " ".join(f"dim: {dim}" for dim in dims)
    return f'layer {{ name: "x" type: "Input" top: "x" input_param {{ shape {{ {sizes} }} }} }}\n'


CONVOLUTION = (
    'layer { name: "c" type: "Convolution" bottom: "x" top: "y"'
    " convolution_param { num_output: 1 kernel_size: 3 } }"
)


@pytest.mark.parametrize("place", range(4))
def test_the_largest_number_of_a_text_is_one_error_in_any_place(place) -> None:
    dims = [2, 3, 4, 5]
    dims[place] = 2**63 - 1
    with pytest.raises(UserError, match=r"net.prototxt:1: layer 'x' \(Input\): top 'x' is .*holds"):
        _compiled(_input(*dims) + CONVOLUTION)


def test_more_axes_than_a_blob_has_are_one_error() -> None:
    with pytest.raises(UserError, match=r"top 'x' has 34 axes; a blob has at most 32\. Leave out"):
        _compiled(_input(4, 3, *[3] * 30, 5, 4) + CONVOLUTION)


def test_as_many_axes_as_a_blob_may_have_are_planned() -> None:
    net = _input(1, 1, *[1] * 28, 2, 2) + CONVOLUTION.replace("kernel_size: 3", "kernel_size: 1")
    assert _compiled(net).blobs["y"].shape == (1, 1, *[1] * 28, 2, 2)


def test_a_parameter_beyond_all_measure_is_told_with_its_layer() -> None:
    text = _input(1, 2**50) + (
        'layer { name: "i" type: "InnerProduct" bottom: "x" top: "y"'
        " inner_product_param { num_output: 4294967295 } }"
    )
    with pytest.raises(UserError, match=r"layer 'i' \(InnerProduct\): parameter 0 is"):
        _compiled(text)


@pytest.mark.parametrize(
    "text",
    [
        _input(1, 1, 600, 600, 600) + CONVOLUTION,
        _input(1, 1, 600, 600, 600) + CONVOLUTION.replace("Convolution", "Deconvolution", 1),
        _input(1, 1, 600, 600, 600) + CONVOLUTION.replace("Convolution", "Im2col", 1),
        _input(64, 3, 9000, 9000) + CONVOLUTION,
        'layer { name: "x" type: "DummyData" top: "x" dummy_data_param {'
        ' shape { dim: 64 dim: 3 dim: 4000 dim: 4000 } data_filler { type: "gaussian" } } }',
        'layer { name: "x" type: "Parameter" top: "x" parameter_param {'
        " shape { dim: 100000 dim: 100000 } } }",
    ],
    ids=["cube", "cube back", "cube columns", "pictures", "made up", "parameter"],
)
def test_planning_allocates_nothing(text) -> None:
    """A cube of 600 pixels took 43 GiB for a table of places."""
    _compiled(_input(1, 1, 4, 4, 4) + CONVOLUTION)  # what is imported once
    tracemalloc.start()
    _compiled(text)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 4 << 20
