"""One broken text, one exact message: mistakes of real users and what is said about them."""

from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

SSD = "the SSD fork (weiliu89/caffe)"
DEEPLAB = "the DeepLab fork (xmyqsh/deeplab-v2)"
R_FCN = "the R-FCN fork (Microsoft/caffe)"
LONGER = "that is the old form, which today's types and fields are not part of"
NETS = {
    # Names of forks, told fork by fork.
    'layer { type: "MultiBoxLoss" }\nlayer {\n multibox_loss_param { a: [1, 2] b { c: "}" } } }\n'
    'layer { type: "DetectionEvaluate" }': (
        "f:1: 3 unknown names:\n"
        f"  MultiBoxLoss, DetectionEvaluate: layers of {SSD}; lines 1, 4.\n"
        f"  multibox_loss_param: a field of {SSD}; line 3."
    ),
    'layer {\n type: "DenseCRF"\n dense_crf_param { max_iter: 10 } }\n'
    'layer { type: "BoxAnnotatorOHEM" box_annotator_ohem_param < roi_per_img: 128 > }': (
        "f:2: 4 unknown names:\n"
        f"  DenseCRF: a layer of {DEEPLAB}; line 2.\n"
        f"  dense_crf_param: a field of {DEEPLAB}; line 3.\n"
        f"  BoxAnnotatorOHEM: a layer of {R_FCN}; line 4.\n"
        f"  box_annotator_ohem_param: a field of {R_FCN}; line 4."
    ),
    "layer { multibox_loss_param { } }": f"f:1: multibox_loss_param: a field of {SSD}; line 1.",
    "layers { type: UNIQUE_LABEL }": f"f:1: UNIQUE_LABEL: a layer of {DEEPLAB}; line 1.",
    # Types of the old form are told beside the fields.
    "layers {\n type: DENSE_CRF\n dense_crf_param { max_iter: 10 } }\n"
    "layers { type: SEG_ACCURACY }": (
        "f:2: 3 unknown names:\n"
        f"  DenseCRF, SegAccuracy: layers of {DEEPLAB}; lines 2, 4.\n"
        f"  dense_crf_param: a field of {DEEPLAB}; line 3."
    ),
    "layer { forward_type: FLOAT16 }\nlayer { relu_param { engine: MKLDNN } }": (
        "f:1: 2 unknown names:\n"
        "  forward_type: a field of the NVCaffe fork (NVIDIA/caffe); line 1. "
        "For forward_type: leave it out, it concerns speed and memory alone.\n"
        "  MKLDNN: a value of the Intel fork (intel/caffe); line 2. "
        "For MKLDNN: leave it out, it concerns speed and memory alone."
    ),
    # Several mistakes of all kinds, all told.
    'layer { type: "Convlution"\n convolution_param { kernal_size: 3\n pad: x num_output: "a"'
    '\n group: "2" } }\nlayer { type: "DetectionEvaluate" zz: 1 }': (
        "f:1: 7 mistakes:\n"
        f"  DetectionEvaluate: a layer of {SSD}; line 5.\n"
        "  line 1: unknown layer type 'Convlution'. Did you mean 'Convolution'?\n"
        "  line 2: unknown field 'kernal_size'; ConvolutionParameter has no such field. "
        "Did you mean 'kernel_size'?\n"
        "  line 3: 'x' is no value for 'pad'; it holds a whole number, 0 or more.\n"
        "  line 3: 'a' is no value for 'num_output'; it holds a whole number, 0 or more.\n"
        "  line 4: '2' is no value for 'group'; it holds a whole number, 0 or more. "
        "Leave the quotes away.\n"
        "  line 5: unknown field 'zz'; LayerParameter has no such field."
    ),
    "layer { botom: 'a' }\nlayer { botom: 'a' }": (
        "f:1: unknown field 'botom' (lines 1, 2); LayerParameter has no such field. "
        "Did you mean 'bottom'?"
    ),
    # Today's form and the old one.
    'layers {\n type: "Input" }': (
        f"f:2: type: \"Input\" in 'layers'; {LONGER}. Write 'layer' instead of 'layers'."
    ),
    'layers { type: "Softmax" }': (
        f"f:1: type: \"Softmax\" in 'layers'; {LONGER}. Write 'layer' instead of 'layers'."
    ),
    "layers { type: BATCH_NORM }": (
        f"f:1: type: BATCH_NORM in 'layers'; {LONGER}. Write 'layer' instead of 'layers'."
    ),
    'layers {\n type: "Input" input_param { } }\nlayers { type: CONVOLUTION blobs_lr: 1 }': (
        f"f:2: type: \"Input\" and input_param in 'layers'; {LONGER}. "
        "Write 'layer' instead of 'layers'. The two do not mix: in all other layers too, with "
        '"Convolution" for CONVOLUTION and param { lr_mult: 1 decay_mult: 1 } for blobs_lr: 1 '
        "weight_decay: 1."
    ),
    "layers { type: RELU param { lr_mult: 1 } }": (
        f"f:1: param {{ }} in 'layers'; {LONGER}. Write 'layer' instead of 'layers'. The two do "
        'not mix: in all other layers too, with "ReLU" for RELU and '
        "param { lr_mult: 1 decay_mult: 1 } for blobs_lr: 1 weight_decay: 1."
    ),
    # Brackets, colons, separators.
    'layer {\n name: "a"\nlayer { name: "b" }\n': (
        "f:3: unknown field 'layer'; LayerParameter has no such field. Is a '}' missing before it?"
    ),
    "layer { name = 'a' }": (
        "f:1: '=' behind 'name'; a ':' and its value. Write ':' instead of '='."
    ),
    "layer { } }": "f:1: '}' where the name of a field should be; this is inside NetParameter.",
    "input_dim: 1,, input_dim: 2": (
        "f:1: ',' where the name of a field should be; this is inside NetParameter."
    ),
    "name: 'a' // net": (
        "f:1: '//' where the name of a field should be; this is inside NetParameter. "
        "Begin a comment with #."
    ),
    'name: "a"\nlayer { }\nname: "b"\nlayer { }': (
        "f:3: 'name' is given twice; it holds one value, which line 1 gives. Remove one of the "
        "two. If two nets stand in this file, give each a file of its own."
    ),
    # Signs of word processors and other keyboards.
    "layer { name: \u201cconv\u201d }": (
        "f:1: '\u201cconv\u201d' is no value for 'name'; a text stands in straight quotes. "
        'Write " in their place.'
    ),
    "layer { name: \u2018a b\u2019 }": (
        "f:1: '\u2018a b\u2019' is no value for 'name'; a text stands in straight quotes. "
        'Write " in their place.'
    ),
    'layer { name: "conv\u201d }': (
        "f:1: a string without its closing quote; a string ends on the line it starts on. "
        "Close it with the straight quote that opens it."
    ),
    "input_dim: \u201c3\u201d": (
        "f:1: '\u201c3\u201d' is no value for 'input_dim'; it holds a whole number. "
        "Leave the quotes away."
    ),
    "input_dim: \u22123": (
        "f:1: '\u22123' is no value for 'input_dim'; it holds a whole number. "
        "'\u2212' is MINUS SIGN. Write -."
    ),
    "layer {\n\u00a0name: 'a' }": (
        "f:2: '\\xa0' where the name of a field should be; this is inside LayerParameter. "
        "'\\xa0' is NO-BREAK SPACE. Write a plain blank."
    ),
    "name\uff1a 'a'": (
        "f:1: '\uff1a' behind 'name'; a ':' and its value. '\uff1a' is FULLWIDTH COLON. Write :."
    ),
    "layer \uff5b }": (
        "f:1: '\uff5b' behind 'layer'; '{', because it holds further fields. "
        "'\uff5b' is FULLWIDTH LEFT CURLY BRACKET. Write {."
    ),
    "\u200bname: 'a'": (
        "f:1: '\\u200bname:' where the name of a field should be; this is inside NetParameter. "
        "'\\u200b' is ZERO WIDTH SPACE. Take it out."
    ),
    # Numbers.
    "layer { convolution_param { num_output: 010 } }": (
        "f:1: '010' is no value for 'num_output'; Caffe takes a number with a leading 0 as octal, "
        "so for 8. Write 10 or 8."
    ),
    "input_dim: -010": (
        "f:1: '-010' is no value for 'input_dim'; Caffe takes a number with a leading 0 as octal, "
        "so for -8. Write -10 or -8."
    ),
    "layer { reshape_param { shape { dim: 0100 } } }": (
        "f:1: '0100' is no value for 'dim'; Caffe takes a number with a leading 0 as octal, "
        "so for 64. Write 100 or 64."
    ),
    "layer { convolution_param { num_output: -3 } }": (
        "f:1: '-3' is no value for 'num_output'; it holds a whole number from 0 to 4294967295."
    ),
    "layer { reshape_param { shape { dim: 9223372036854775808 } } }": (
        "f:1: '9223372036854775808' is no value for 'dim'; it holds a whole number from "
        "-9223372036854775808 to 9223372036854775807."
    ),
    "layer { loss_weight: 0,5 }": (
        "f:1: a number behind a comma, '5'; a decimal number has a point. "
        "Write 0.01, not 0,01; or [1, 2] for a list."
    ),
    'layer { pooling_param { pool: "MEAN" } }': (
        "f:1: 'MEAN' is no value for 'pool'; it holds one of MAX, AVE, STOCHASTIC."
    ),
    'layer { pooling_param { pool: "MAX" } }': (
        "f:1: 'MAX' is no value for 'pool'; it holds one of MAX, AVE, STOCHASTIC. "
        "Leave the quotes away."
    ),
}
SOLVERS = {
    "base_lr: 0.1\nlarc: true\nrampup_lr: 0.1": (
        "f:2: larc, rampup_lr: fields of the NVCaffe fork (NVIDIA/caffe); lines 2, 3."
    ),
    "base_lr: 0,01\nmax_iter: 3": (
        "f:1: a number behind a comma, '01'; a decimal number has a point. "
        "Write 0.01, not 0,01; or [1, 2] for a list."
    ),
    "max_iter: 0100\nbase_rl: 0.1\nnet_param { layer { type: 'DenseBlock' } }": (
        "f:1: 3 mistakes:\n"
        "  DenseBlock: a layer of the caffe_ocr fork (senlinuc/caffe_ocr); line 3.\n"
        "  line 1: '0100' is no value for 'max_iter'; Caffe takes a number with a leading 0 as "
        "octal, so for 64. Write 100 or 64.\n"
        "  line 2: unknown field 'base_rl'; SolverParameter has no such field. "
        "Did you mean 'base_lr'?"
    ),
}


@pytest.mark.parametrize("text", NETS)
def test_mistakes_in_models(text: str) -> None:
    with pytest.raises(UserError) as caught:
        read_text(text, pb.NetParameter, "f", layer_types)
    assert str(caught.value) == NETS[text]


@pytest.mark.parametrize("text", SOLVERS)
def test_mistakes_in_solvers(text: str) -> None:
    with pytest.raises(UserError) as caught:
        read_text(text, pb.SolverParameter, "f", layer_types)
    assert str(caught.value) == SOLVERS[text]


TAKEN = {
    "layer { loss_weight: 1e-3f loss_weight: .5 loss_weight: 5. loss_weight: inf }": (
        "loss_weight", [0.001, 0.5, 5.0, float("inf")],
    ),
    "layer { propagate_down: [0, 1, True, t, false, F] }": (
        "propagate_down", [False, True, True, True, False, False],
    ),
    "layer { top: '#a' top: \"b\\\"#\" # c\n top: 'd' }": ("top", ["#a", 'b"#', "d"]),
    "layer\t{\r\n\ttop:\"a\";top:'b',}\r\n": ("top", ["a", "b"]),
    "layer: { loss_weight: 010 loss_weight: 0x10 }": ("loss_weight", [10.0, 16.0]),
    "layer < top: /data/O\u2019Brien/\u3042 >": ("top", ["/data/O\u2019Brien/\u3042"]),
    "layer { convolution_param { pad: 00 pad: 07 pad: 0x10 } }": ("pad", [0, 7, 16]),
}  # fmt: skip


@pytest.mark.parametrize("text", TAKEN)
def test_what_is_taken(text: str) -> None:
    field, values = TAKEN[text]
    layer = read_text(text, pb.NetParameter, "f").message.layer[0]
    owner = layer.convolution_param if field == "pad" else layer
    got = list(getattr(owner, field))
    assert got == (values if isinstance(values[0], str) else pytest.approx(values))


def test_an_enum_is_taken_by_number_and_in_small_letters() -> None:
    net = read_text("layer { phase: 1 } layer { phase: test }", pb.NetParameter).message
    assert [layer.phase for layer in net.layer] == [pb.TEST, pb.TEST]


def test_without_known_layer_types_those_of_forks_are_told() -> None:
    text = "layer { type: 'Mine' zz: 1 } layer { type: 'MultiBoxLoss' }"
    with pytest.raises(UserError) as caught:
        read_text(text, pb.NetParameter, "f")
    assert "MultiBoxLoss: a layer of" in str(caught.value)
    assert "Mine" not in str(caught.value)
