"""What forks call otherwise: read as Caffe's own words, or refused where it contradicts them."""

from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import Upgraded, upgrade_parsed_net


def _upgraded(text: str) -> Upgraded[pb.NetParameter]:
    return upgrade_parsed_net(read_text(text, pb.NetParameter, "old.prototxt"))


def _pool(options: str) -> str:
    return f'layer {{ name: "a" type: "Pooling"\npooling_param {{ {options} }} }}'


def _convolution(options: str, kind: str = "Convolution") -> str:
    return f'layer {{ name: "a" type: "{kind}"\nconvolution_param {{ num_output: 8 {options} }} }}'


TODAY = {
    _pool("ceil_mode: false"): _pool("round_mode: FLOOR"),
    _pool("ceil_mode: true"): _pool("round_mode: CEIL"),
    _pool("torch_pooling: true"): _pool("round_mode: FLOOR"),
    _pool("torch_pooling: false"): _pool("round_mode: CEIL"),
    _pool("ceil_mode: false round_mode: FLOOR"): _pool("round_mode: FLOOR"),
    'layer { name: "a" image_data_param { has_label: false } }': (
        'layer { name: "a" image_data_param { label_type: NONE } }'
    ),
    'layer { name: "a" image_data_param { has_label: true } }': (
        'layer { name: "a" image_data_param { } }'
    ),
    'layer { name: "a" type: "Eltwise" bottom: "x" eltwise_param { coeff: 0.5 } }': (
        'layer { name: "a" type: "Power" bottom: "x" power_param { scale: 0.5 } }'
    ),
    'layer { name: "a" type: "Eltwise" bottom: "x" eltwise_param { operation: MAX } }': (
        'layer { name: "a" type: "Power" bottom: "x" }'
    ),
    'layer { name: "a" type: "Eltwise" bottom: "x" eltwise_param { coeff: 1 coeff: 2 } }': (
        'layer { name: "a" type: "Eltwise" bottom: "x" eltwise_param { coeff: 1 coeff: 2 } }'
    ),
    _convolution("hole: 2"): _convolution("dilation: 2"),
    _convolution("hole_h: 2 hole_w: 3"): _convolution("dilation: 2 dilation: 3"),
    _convolution("hole_w: 3"): _convolution("dilation: 1 dilation: 3"),
    _convolution("", "ConvolutionDepthwise"): _convolution("group: 8"),
    _convolution("group: 2", "ConvolutionDepthwise"): _convolution("group: 2"),
    _convolution("group: 8", "DepthwiseConvolution"): _convolution("group: 8"),
    _convolution("", "DepthwiseConvolution"): _convolution(""),
    'layers { name: "a" type: POOLING\npooling_param { ceil_mode: false } }': _pool(
        "round_mode: FLOOR"
    ),
    'layers { name: "a" type: INTERP\ninterp_param { height: 3 } strict_dim: false }': (
        'layer { name: "a" type: "Interp" interp_param { height: 3 } }'
    ),
    'layer { type: "Lstm" lstm_param { num_output: 3 } }': (
        'layer { type: "CTPNLstm" lstm_param { num_output: 3 } }'
    ),
    'layer { type: "Lstm" recurrent_param { num_output: 3 } }': (
        'layer { type: "Lstm" recurrent_param { num_output: 3 } }'
    ),
    "layers { type: DENSE_CRF }": 'layer { type: "DenseCRF" }',
    "layers { type: MAT_WRITE mat_write_param { prefix: 'a' } }": (
        'layer { type: "MatWrite" mat_write_param { prefix: "a" } }'
    ),
    "layers { type: IMAGE_SEG_DATA }": 'layer { type: "ImageSegData" }',
    "layers { type: SEG_ACCURACY }": 'layer { type: "SegAccuracy" }',
    "layers { type: PADDING }": 'layer { type: "Padding" }',
}


@pytest.mark.parametrize("text", TODAY)
def test_words_of_forks(text: str) -> None:
    wanted = read_text(TODAY[text], pb.NetParameter, "today").message
    found = _upgraded(text)
    assert found.message == wanted
    assert bool(found.notes) == (found.message != read_text(text, pb.NetParameter, "f").message)
    assert not _upgraded(TODAY[text]).notes


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (_pool("round_mode: CEIL ceil_mode: false"), "ceil_mode says otherwise than round_mode"),
        (_pool("ceil_mode: true torch_pooling: true"), "torch_pooling says otherwise than ceil_"),
        (_convolution("hole: 2 dilation: 2"), "hole stands beside dilation"),
        (_convolution("hole: 2 hole_h: 2"), "hole_h stands beside hole"),
    ],
)
def test_contradictions(text: str, error: str) -> None:
    with pytest.raises(UserError, match=f"old.prototxt:2: {error}"):
        _upgraded(text)


def _python(param_str: str, name: str = "ProposalLayer") -> str:
    return (
        'layer { name: "p" type: "Python" bottom: "s" top: "r" python_param { '
        f'module: "rpn.proposal_layer" layer: "{name}" param_str: "{param_str}" }} }}'
    )


@pytest.mark.parametrize(
    ("param_str", "stride", "scales", "ratios"),
    [
        ("'feat_stride': 16", 16, [8, 16, 32], [0.5, 1, 2]),
        ("{'feat_stride': 8, 'scales': [4, 8]}", 8, [4, 8], [0.5, 1, 2]),
        ("'feat_stride': 16 \\n'scales': !!python/tuple [4, 8, 16]", 16, [4, 8, 16], [0.5, 1, 2]),
        ("feat_stride: 32\\nratios: [0.25, .5]\\nscales: (2,)", 32, [2], [0.25, 0.5]),
    ],
)
def test_the_proposal_layer_of_py_faster_rcnn(
    param_str: str, stride: int, scales: list[float], ratios: list[float]
) -> None:
    upgraded = _upgraded(_python(param_str))
    (layer,) = upgraded.message.layer
    options = layer.proposal_param
    assert (layer.type, options.feat_stride) == ("Proposal", stride)
    assert (list(options.scale), list(options.ratio)) == (scales, ratios)
    assert layer.python_param.module == "rpn.proposal_layer"
    assert "nothing is imported" in "\n".join(upgraded.notes)


@pytest.mark.parametrize(
    "text",
    [
        _python("'feat_stride': 16, 'extra': 3"),
        _python("'feat_stride': 16\\n'name': 'x'"),
        _python("'feat_stride': 1.5"),
        _python("'scales': [8]"),
        _python(""),
        _python("'feat_stride': 16", "MyProposalLayer"),
    ],
)
def test_another_layer_of_that_module_stays_the_users_own(text: str) -> None:
    assert _upgraded(text).message.layer[0].type == "Python"
