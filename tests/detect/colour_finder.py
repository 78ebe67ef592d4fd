"""A detector made by hand: red and blue squares of 20 pixels in pictures of 60 x 40."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.snapshot.weights import write_weights
from tests.graph.nets import graph_of

TEXT = """
name: "colour_finder"
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 1 dim: 3 dim: 40 dim: 60 } } }
layer { name: "cells" type: "Pooling" bottom: "data" top: "cells"
  pooling_param { pool: AVE kernel_size: 20 stride: 20 } }
layer { name: "loc" type: "Convolution" bottom: "cells" top: "loc"
  convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "loc_perm" type: "Permute" bottom: "loc" top: "loc_perm"
  permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "loc_flat" type: "Flatten" bottom: "loc_perm" top: "loc_flat" }
layer { name: "conf" type: "Convolution" bottom: "cells" top: "conf"
  convolution_param { num_output: 3 kernel_size: 1 } }
layer { name: "conf_perm" type: "Permute" bottom: "conf" top: "conf_perm"
  permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "conf_cells" type: "Reshape" bottom: "conf_perm" top: "conf_cells"
  reshape_param { shape { dim: 0 dim: -1 dim: 3 } } }
layer { name: "prob" type: "Softmax" bottom: "conf_cells" top: "prob" softmax_param { axis: 2 } }
layer { name: "prob_flat" type: "Flatten" bottom: "prob" top: "prob_flat" }
layer { name: "priors" type: "PriorBox" bottom: "cells" bottom: "data" top: "priors"
  prior_box_param { min_size: 20 variance: 0.1 } }
layer { name: "found" type: "DetectionOutput" bottom: "loc_flat" bottom: "prob_flat"
  bottom: "priors" top: "found" detection_output_param {
    num_classes: 3 share_location: true background_label_id: 0 code_type: CENTER_SIZE
    confidence_threshold: 0.1 keep_top_k: 10
    nms_param { nms_threshold: 0.45 } } }
"""
# Class 1 where red is above blue, class 2 where blue is above red; else background.
_WEIGHTS = np.array([[0, 0, 0], [-1, 0, 1], [1, 0, -1]]) / 20
_BIAS = (5, 0, 0)


def write_colour_finder(folder: Path, batch: int = 1) -> tuple[Path, Path]:
    """Its text, for so many pictures, and weights."""
    text = TEXT.replace("dim: 1 dim: 3", f"dim: {batch} dim: 3")
    net = Net(graph_of(text, pb.TEST))
    for key, array in net.values.items():
        array[...] = 0
        if key.layer == "conf":
            array[...] = _BIAS if key.number else _WEIGHTS.reshape(array.shape)
    model, weights = folder / "detector.prototxt", folder / "detector.caffemodel"
    model.write_text(text)
    layers = list(read_text(text, pb.NetParameter).message.layer)
    write_weights(weights, "colour_finder", layer_weights(net, layers))
    return model, weights


def squares() -> Image.Image:
    """A red square in the middle of the upper half, a blue one at the lower right, on gray."""
    picture = Image.new("RGB", (60, 40), (90, 90, 90))
    picture.paste((250, 40, 40), (20, 0, 40, 20))
    picture.paste((60, 40, 255), (40, 20, 60, 40))
    return picture
