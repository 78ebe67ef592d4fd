"""A detector in the manner of SSD: two feature maps, four classes, few channels."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.snapshot.weights import write_weights
from tests.graph.nets import graph_of

CLASSES = 4
_VARIANCES = "variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2"
_END = """
layer { name: "mbox_loc" type: "Concat" bottom: "norm_loc_flat" bottom: "conv3_loc_flat"
  top: "mbox_loc" concat_param { axis: 1 } }
layer { name: "mbox_conf" type: "Concat" bottom: "norm_conf_flat" bottom: "conv3_conf_flat"
  top: "mbox_conf" concat_param { axis: 1 } }
layer { name: "mbox_priorbox" type: "Concat" bottom: "norm_priors" bottom: "conv3_priors"
  top: "mbox_priorbox" concat_param { axis: 2 } }
layer { name: "mbox_conf_reshape" type: "Reshape" bottom: "mbox_conf" top: "mbox_conf_reshape"
  reshape_param { shape { dim: 0 dim: -1 dim: 4 } } }
layer { name: "mbox_conf_softmax" type: "Softmax" bottom: "mbox_conf_reshape"
  top: "mbox_conf_softmax" softmax_param { axis: 2 } }
layer { name: "mbox_conf_flatten" type: "Flatten" bottom: "mbox_conf_softmax"
  top: "mbox_conf_flatten" flatten_param { axis: 1 } }
layer { name: "detection_out" type: "DetectionOutput"
  bottom: "mbox_loc" bottom: "mbox_conf_flatten" bottom: "mbox_priorbox" top: "detection_out"
  include { phase: TEST }
  detection_output_param {
    num_classes: 4 share_location: true background_label_id: 0 code_type: CENTER_SIZE
    keep_top_k: 40 confidence_threshold: THRESHOLD nms_param { nms_threshold: 0.45 top_k: 50 } } }
"""


def _convolution(name: str, bottom: str, count: int, stride: int) -> str:
    return (
        f'layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}"\n'
        f"  convolution_param {{ num_output: {count} kernel_size: 3 pad: 1 stride: {stride}\n"
        '    weight_filler { type: "gaussian" std: 0.15 } } }\n'
    )


def _branch(source: str, sizes: str, boxes: int) -> str:
    parts = []
    for kind, numbers in (("loc", 4), ("conf", CLASSES)):
        name = f"{source}_{kind}"
        parts.append(_convolution(name, source, boxes * numbers, 1))
        parts.append(
            f'layer {{ name: "{name}_perm" type: "Permute" bottom: "{name}" top: "{name}_perm"\n'
            "  permute_param { order: 0 order: 2 order: 3 order: 1 } }\n"
            f'layer {{ name: "{name}_flat" type: "Flatten" bottom: "{name}_perm"\n'
            f'  top: "{name}_flat" flatten_param {{ axis: 1 }} }}\n'
        )
    parts.append(
        f'layer {{ name: "{source}_priors" type: "PriorBox" bottom: "{source}" bottom: "data"\n'
        f'  top: "{source}_priors" prior_box_param {{ {sizes} clip: false {_VARIANCES} }} }}\n'
    )
    return "".join(parts)


def small_ssd(threshold: float = 0.3) -> str:
    """The text."""
    return (
        'name: "small_ssd"\nlayer { name: "data" type: "Input" top: "data"\n'
        "  input_param { shape { dim: 1 dim: 3 dim: 64 dim: 64 } } }\n"
        + _convolution("conv1", "data", 6, 2)
        + 'layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }\n'
        + _convolution("conv2", "conv1", 8, 4)
        + 'layer { name: "relu2" type: "ReLU6" bottom: "conv2" top: "conv2" }\n'
        + 'layer { name: "norm" type: "Normalize" bottom: "conv2" top: "norm" norm_param {\n'
        "  across_spatial: false channel_shared: false scale_filler { value: 20 } } }\n"
        + _convolution("conv3", "conv2", 8, 2)
        + _branch("norm", "min_size: 16 aspect_ratio: 2 flip: true", 3)
        + _branch("conv3", "min_size: 24 max_size: 40 aspect_ratio: 2 flip: true", 4)
        + _END.replace("THRESHOLD", f"{threshold}")
    )


def write_small_ssd(folder: Path, threshold: float = 0.3) -> tuple[Path, Path, Net]:
    """Text and weights in files, and the net they are from."""
    text = small_ssd(threshold)
    net = Net(graph_of(text, pb.TEST), seed=3)
    model, weights = folder / "small_ssd.prototxt", folder / "small_ssd.caffemodel"
    model.write_text(text)
    layers = list(read_text(text, pb.NetParameter).message.layer)
    write_weights(weights, "small_ssd", layer_weights(net, layers))
    return model, weights, net
