"""Unknown layer types and bottoms, told all at once and with what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.model_text import read_net, read_net_file

DATA = 'layer { name: "in" type: "Input" top: "data" input_param { shape { dim: [2, 3] } } }\n'
MESSAGES = {
    DATA + 'layer { name: "p" type: "MultiBoxLoss" bottom: "data" top: "p" }\n'
    'layer { name: "q" type: "DetectionEvaluate" bottom: "p" top: "q" }\n'
    'layer { name: "r" type: "Warp3" bottom: "q" top: "r" }': (
        "f:2: 3 unknown names:\n"
        "  MultiBoxLoss, DetectionEvaluate: layers of the SSD fork (weiliu89/caffe); lines 2, 3.\n"
        "  line 4: unknown layer type 'Warp3'."
    ),
    DATA + 'layer { name: "p" type: "DenseCRF" bottom: "data" top: "p" }': (
        "f:2: DenseCRF: a layer of the DeepLab fork (xmyqsh/deeplab-v2); line 2."
    ),
    # One of the testing net is told with those of the training net.
    DATA + 'layer { name: "a" type: "Convlution" top: "a" include { phase: TRAIN } }\n'
    'layer { name: "b" type: "DenseBlock" top: "b" include { phase: TEST } }': (
        "f:2: 2 unknown names:\n"
        "  DenseBlock: a layer of the caffe_ocr fork (senlinuc/caffe_ocr); line 3.\n"
        "  line 2: unknown layer type 'Convlution'. Did you mean 'Convolution'?"
    ),
    DATA + 'layer { name: "a" bottom: "data" top: "a" }': (
        "f:2: layer 'a' has no type. Write what it does, for example type: \"Convolution\"."
    ),
    DATA + 'layer { name: "r" type: "ReLU" bottom: "dada" top: "r" }\n'
    'layer { name: "s" type: "ReLU" bottom: "rr" top: "s" }': (
        "f:2: 2 mistakes:\n"
        "  line 2: layer 'r' (ReLU): bottom 'dada' is made by no earlier layer. "
        "Did you mean 'data'?\n"
        "  line 3: layer 's' (ReLU): bottom 'rr' is made by no earlier layer. "
        "Did you mean 'r'?"
    ),
    'name: "x"\ninput: "data"\nlayer { name: "r" type: "ReLU" bottom: "data" top: "r" }': (
        "f:2: input 'data' has no shape; layer 'r' (ReLU) reads it. "
        "Write input_shape { dim: 1 dim: 3 dim: 224 dim: 224 } below it, with your sizes."
    ),
    # Inputs of the old form, in a text of the old form.
    'input: "data"\nlayers { name: "r" type: RELU bottom: "data" top: "r" }': (
        "f:1: input 'data' has no shape; layer 'r' (ReLU) reads it. "
        "Write input_shape { dim: 1 dim: 3 dim: 224 dim: 224 } below it, with your sizes."
    ),
}


@pytest.mark.parametrize("text", MESSAGES)
def test_what_is_unknown_is_told_at_once(text: str) -> None:
    with pytest.raises(UserError) as caught:
        read = read_net(text, "f", layer_types)
        compile_net(NetText(read.message, read.locations, State(pb.TRAIN)))
    assert str(caught.value) == MESSAGES[text]


def test_an_unknown_type_of_another_phase_does_not_matter() -> None:
    text = DATA + 'layer { name: "b" type: "DenseBlock" top: "b" include { phase: TEST } }'
    read = read_net(text, "f")
    assert len(compile_net(NetText(read.message, read.locations, State(pb.TRAIN))).nodes) == 1


def test_an_input_without_shape_that_nobody_reads_means_nothing() -> None:
    read = read_net('input: "other"\n' + DATA, "f")
    assert compile_net(NetText(read.message, read.locations, State(pb.TRAIN))).inputs == ("data",)


def test_following_the_advice_about_an_input_works() -> None:
    text = 'input: "data" input_shape { dim: 1 dim: 3 dim: 4 dim: 4 }\n'
    read = read_net(text + 'layer { name: "r" type: "ReLU" bottom: "data" top: "r" }', "f")
    graph = compile_net(NetText(read.message, read.locations, State(pb.TEST)))
    assert graph.blobs["r"].shape == (1, 3, 4, 4)


def test_a_text_with_both_forms_is_refused_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mixed.prototxt"
    path.write_text(DATA + '\nlayers { name: "c" type: RELU bottom: "data" top: "c" }')
    with pytest.raises(UserError) as caught:
        read_net_file(path)
    assert str(caught.value).startswith(f"{path}:3: a net with both 'layer' and 'layers'")


def test_reading_a_net_tells_unknown_types_with_unknown_fields() -> None:
    with pytest.raises(UserError) as caught:
        read_net('layer { type: "Convlution" botom: "a" }', "f", layer_types)
    assert "'Convlution'. Did you mean" in str(caught.value)
    assert "'botom'" in str(caught.value)
