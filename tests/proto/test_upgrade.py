from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.text import Parsed, read_text
from mycaffe_py.proto.upgrade import (
    Upgraded,
    upgrade_net,
    upgrade_parsed_net,
    upgrade_parsed_solver,
)
from mycaffe_py.proto.upgrade_v1 import type_name

V0 = """name: "old"
input: "data" input_dim: 10 input_dim: 3 input_dim: 27 input_dim: 27
force_backward: true
layers { layer { name: "pad1" type: "padding" pad: 2 } bottom: "data" top: "pad1" }
layers {
  layer {
    name: "conv1" type: "conv" num_output: 96 kernelsize: 11 stride: 4 group: 2 biasterm: false
    weight_filler { type: "gaussian" std: 0.01 } bias_filler { type: "constant" value: 1 }
    blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0
  }
  bottom: "pad1" top: "conv1"
}
layers { layer { name: "relu1" type: "relu" } bottom: "conv1" top: "conv1" }
layers { layer { name: "pad2" type: "padding" pad: 1 } bottom: "conv1" top: "pad2" }
layers { layer { name: "pool1" type: "pool" pool: AVE kernelsize: 3 stride: 2 }
  bottom: "pad2" top: "pool1" }
layers { layer { name: "norm1" type: "lrn" local_size: 5 alpha: 0.1 beta: 0.5 k: 2 }
  bottom: "pool1" top: "norm1" }
layers { layer { name: "ip" type: "innerproduct" num_output: 7 kernelsize: 9 }
  bottom: "norm1" top: "ip" }
layers { layer { name: "drop" type: "dropout" dropout_ratio: 0.2 } bottom: "ip" top: "ip" }
layers { layer { name: "cat" type: "concat" concat_dim: 0 } bottom: "ip" bottom: "ip" top: "cat" }
layers { layer { name: "loss" type: "softmax_loss" } bottom: "ip" bottom: "label" }
"""

V0_TODAY = """name: "old"
force_backward: true
layer { name: "input" type: "Input" top: "data" input_param { shape { dim: [10, 3, 27, 27] } } }
layer {
  name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
  convolution_param {
    num_output: 96 kernel_size: 11 stride: 4 pad: 2 group: 2 bias_term: false
    weight_filler { type: "gaussian" std: 0.01 } bias_filler { type: "constant" value: 1 }
  }
}
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
  pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "norm1" type: "LRN" bottom: "pool1" top: "norm1"
  lrn_param { local_size: 5 alpha: 0.1 beta: 0.5 k: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "norm1" top: "ip"
  inner_product_param { num_output: 7 } }
layer { name: "drop" type: "Dropout" bottom: "ip" top: "ip" dropout_param { dropout_ratio: 0.2 } }
layer { name: "cat" type: "Concat" bottom: "ip" bottom: "ip" top: "cat"
  concat_param { concat_dim: 0 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" }
"""


def _upgraded(text: str) -> Upgraded[pb.NetParameter]:
    return upgrade_parsed_net(read_text(text, pb.NetParameter, "f"))


def _net(text: str) -> pb.NetParameter:
    return read_text(text, pb.NetParameter).message


def test_the_first_form() -> None:
    upgraded = _upgraded(V0)
    assert upgraded.message == _net(V0_TODAY)
    assert upgraded.notes == (
        "f:19: 'kernelsize' means nothing to layer 'ip' (innerproduct) and is left out",
        "10 layers of the first form (V0) are read as V1 layers",
        "8 layers of the old form (V1) are read as today's",
        "1 net inputs are read as a layer of type Input",
    )


def test_places_of_the_first_form() -> None:
    upgraded = _upgraded(V0)
    lines = [upgraded.locations.at("layer", i).line for i in range(len(upgraded.message.layer))]
    assert lines == [2, 5, 13, 15, 17, 19, 21, 22, 23]


def test_options_of_first_data_layers() -> None:
    net = _net(
        """
        layers { layer { name: "d" type: "data" source: "s" batchsize: 4 rand_skip: 5 scale: 0.5
          meanfile: "m" cropsize: 6 mirror: true } top: "d" }
        layers { layer { name: "i" type: "images" source: "s" batchsize: 4 rand_skip: 5
          shuffle_images: true new_height: 7 new_width: 8 } top: "i" }
        layers { layer { name: "w" type: "window_data" source: "s" batchsize: 4
          det_fg_threshold: 0.1 det_bg_threshold: 0.2 det_fg_fraction: 0.3 det_context_pad: 9
          det_crop_mode: "square" } top: "w" }
        layers { layer { name: "h" type: "hdf5_data" source: "s" batchsize: 4 } top: "h" }
        layers { layer { name: "o" type: "hdf5_output" hdf5_output_param { file_name: "f" } }
          bottom: "h" }
        layers { layer { name: "l" type: "infogain_loss" source: "s" } bottom: "h" }
        """
    )
    assert upgrade_net(net) == _net(
        """
        layer { name: "d" type: "Data" top: "d"
          data_param { source: "s" batch_size: 4 rand_skip: 5 }
          transform_param { scale: 0.5 mean_file: "m" crop_size: 6 mirror: true } }
        layer { name: "i" type: "ImageData" top: "i" image_data_param { source: "s" batch_size: 4
          rand_skip: 5 shuffle: true new_height: 7 new_width: 8 } }
        layer { name: "w" type: "WindowData" top: "w" window_data_param { source: "s" batch_size: 4
          fg_threshold: 0.1 bg_threshold: 0.2 fg_fraction: 0.3 context_pad: 9
          crop_mode: "square" } }
        layer { name: "h" type: "HDF5Data" top: "h" hdf5_data_param { source: "s" batch_size: 4 } }
        layer { name: "o" type: "HDF5Output" bottom: "h" hdf5_output_param { file_name: "f" } }
        layer { name: "l" type: "InfogainLoss" bottom: "h" infogain_loss_param { source: "s" } }
        """
    )


V1 = """
layers { name: "a" type: CONVOLUTION bottom: "x" top: "a" blobs_lr: 1 blobs_lr: 2 weight_decay: 0
  param: "w" param: "b" blob_share_mode: PERMISSIVE loss_weight: 0.5 include { phase: TRAIN }
  convolution_param { num_output: 3 } blobs { num: 1 channels: 1 height: 1 width: 2 data: [1, 2] } }
layers { name: "b" type: IMAGE_DATA top: "b" exclude { phase: TEST }
  image_data_param { source: "s" scale: 2 crop_size: 3 } }
"""


def test_the_old_form() -> None:
    upgraded = _upgraded(V1)
    assert upgraded.message == _net(
        """
        layer { name: "a" type: "Convolution" bottom: "x" top: "a" loss_weight: 0.5
          param { name: "w" share_mode: PERMISSIVE lr_mult: 1 decay_mult: 0 }
          param { name: "b" lr_mult: 2 } include { phase: TRAIN }
          convolution_param { num_output: 3 }
          blobs { num: 1 channels: 1 height: 1 width: 2 data: [1, 2] } }
        layer { name: "b" type: "ImageData" top: "b" exclude { phase: TEST }
          image_data_param { source: "s" } transform_param { scale: 2 crop_size: 3 } }
        """
    )
    assert [upgraded.locations.at("layer", i).line for i in range(2)] == [2, 5]
    options = upgraded.locations.at("layer", 0, "convolution_param", "num_output")
    assert options.line == 4


def test_every_old_type_has_a_name() -> None:
    facts = Path(__file__).parent / "bvlc_fields.tsv"
    with facts.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.reader(stream, delimiter="\t") if row[1].endswith("LayerType")]
    names = {type_name(int(row[3])) for row in rows}
    assert len(names) == len(rows) == 40
    assert names >= {
        "", "AbsVal", "ArgMax", "BNLL", "ContrastiveLoss", "DummyData", "HDF5Data", "HDF5Output",
        "Im2col", "InnerProduct", "LRN", "MVN", "MultinomialLogisticLoss", "ReLU",
        "SigmoidCrossEntropyLoss", "SoftmaxWithLoss", "TanH", "WindowData",
    }  # fmt: skip


def test_inputs() -> None:
    two = _net('input: "a" input: "b" input_shape { dim: 2 } input_shape { dim: [3, 4] }')
    assert upgrade_net(two) == _net(
        'layer { name: "input" type: "Input" top: "a" top: "b" '
        "input_param { shape { dim: 2 } shape { dim: [3, 4] } } }"
    )
    assert upgrade_net(_net('input: "a" layer { name: "x" }')) == _net('layer { name: "x" }')


def test_the_means_of_batch_norm_are_not_learned() -> None:
    net = _net('layer { type: "BatchNorm" param { name: "m" lr_mult: 1 } param {} param {} }')
    upgrade_net(net)
    assert [(p.name, p.lr_mult, p.decay_mult) for p in net.layer[0].param] == [
        ("m", 0, 0), ("", 0, 0), ("", 0, 0),
    ]  # fmt: skip
    two = 'layer { type: "BatchNorm" param { lr_mult: 1 } param {} }'
    assert upgrade_net(_net(two)) == _net(two)


def test_todays_nets_are_left_alone() -> None:
    net = upgrade_net(_net(V0_TODAY))
    assert net == _net(V0_TODAY)
    assert not _upgraded(V0_TODAY).notes


SOLVER = """solver_type: ADAM
net_param {
  layers { name: "r" type: RELU bottom: "a" top: "b" }
}
test_net_param { input: "a" input_dim: [1, 2, 3, 4]
  layer { name: "x" type: "ReLU" bottom: "a" top: "b" }
}
"""


def test_solvers_and_the_nets_inside() -> None:
    upgraded = upgrade_parsed_solver(read_text(SOLVER, pb.SolverParameter, "f"))
    solver, where = upgraded.message, upgraded.locations
    assert (solver.type, solver.HasField("solver_type")) == ("Adam", False)
    assert solver.net_param == _net('layer { name: "r" type: "ReLU" bottom: "a" top: "b" }')
    assert [layer.type for layer in solver.test_net_param[0].layer] == ["Input", "ReLU"]
    assert where.at("net_param", "layer", 0).line == 3
    assert where.under("test_net_param", 0).at("layer", 0).line == 5
    assert where.at("test_net_param", 0, "layer", 1, "top", 0).line == 6
    assert len(upgraded.notes) == 3


@pytest.mark.parametrize(
    ("number", "name"),
    list(enumerate(["SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam"])),
)
def test_solver_types(number: int, name: str) -> None:
    solver: Any = pb.SolverParameter(solver_type=number)
    upgraded = upgrade_parsed_solver(Parsed(solver, Locations.none()))
    assert upgraded.message == pb.SolverParameter(type=name)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            'layer { name: "a" }\nlayers { name: "b" }',
            "f:2: a net with both 'layer' and 'layers'; 'layers' is the old form, and the two do "
            "not mix. Bring all layers to the form 'layer { type: \"Convolution\" ... }'.",
        ),
        (
            '\nlayers { layer { name: "a" type: "convv" } }',
            "f:2: unknown layer type 'convv'; one of the types of the first form. "
            "Did you mean 'conv'?",
        ),
        (
            'layers { layer { name: "a" type: "convv" } }\n'
            'layers { layer { name: "b" type: "relu" } }\n'
            'layers { layer { name: "c" type: "Pooling" } }',
            "f:1: 2 mistakes:\n"
            "  line 1: unknown layer type 'convv'; one of the types of the first form. "
            "Did you mean 'conv'?\n"
            "  line 3: unknown layer type 'Pooling'; one of the types of the first form. "
            "Did you mean 'pool'?",
        ),
        (
            'layers { layer { name: "p" type: "padding" } bottom: "a" top: "b" }\n'
            'layers { layer { name: "r" type: "relu" } bottom: "b" top: "c" }',
            "f:2: layer 'r' (relu) behind a padding layer; only conv and pool can pad.",
        ),
        (
            'layers { layer { name: "p" type: "padding" } bottom: "a" }',
            "f:1: padding layer 'p' with 1 bottoms and 0 tops; it has one of each.",
        ),
        (
            'layers { name: "d" type: DATA\n transform_param { scale: 1 }\n'
            " data_param { scale: 2 } }",
            "f:3: 'scale' is given in data_param and in transform_param; the first is the old form "
            "of the second. Remove it from data_param.",
        ),
        (
            '\n\ninput: "a" input_dim: [1, 2]',
            "f:3: 1 net inputs with 0 input_shape and 2 input_dim; "
            "one input_shape or four input_dim for each input.",
        ),
    ],
)
def test_nets_that_cannot_be_upgraded(text: str, error: str) -> None:
    with pytest.raises(UserError) as caught:
        _upgraded(text)
    assert str(caught.value) == error


def test_a_solver_with_both_types() -> None:
    parsed = read_text("type: SGD\nsolver_type: SGD", pb.SolverParameter, "f")
    with pytest.raises(UserError, match="f:2: both 'type' and 'solver_type' are given"):
        upgrade_parsed_solver(parsed)
