"""A text and weights written here, in OpenCV's reader of Caffe models: another program's answer."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text, write_text
from mycaffe_py.snapshot.weights import write_weights
from tests.graph.nets import graph_of

LENET = """
name: "LeNet"
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 2 dim: 1 dim: 28 dim: 28 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param {
  num_output: 20 kernel_size: 5 FILLERS } }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1" pooling_param {
  pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2" convolution_param {
  num_output: 50 kernel_size: 5 FILLERS } }
layer { name: "pool2" type: "Pooling" bottom: "conv2" top: "pool2" pooling_param {
  pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "ip1" type: "InnerProduct" bottom: "pool2" top: "ip1" inner_product_param {
  num_output: 500 FILLERS } }
layer { name: "relu1" type: "ReLU" bottom: "ip1" top: "ip1" }
layer { name: "ip2" type: "InnerProduct" bottom: "ip1" top: "ip2" inner_product_param {
  num_output: 10 FILLERS } }
layer { name: "prob" type: "Softmax" bottom: "ip2" top: "prob" }
""".replace(
    "FILLERS",
    'weight_filler { type: "xavier" } bias_filler { type: "uniform" min: -0.1 max: 0.1 }',
)


@pytest.mark.slow
def test_lenet_gives_the_same_probabilities(tmp_path: Path) -> None:
    text = read_text(LENET, pb.NetParameter).message
    net = Net(graph_of(LENET, pb.TEST), seed=3)
    model, weights = tmp_path / "lenet.prototxt", tmp_path / "lenet.caffemodel"
    model.write_text(write_text(text))
    write_weights(weights, "LeNet", layer_weights(net, list(text.layer)))
    pictures = np.random.default_rng(1).random((2, 1, 28, 28), dtype=np.float32)
    net.feed({"data": pictures})
    net.forward()
    theirs = cv2.dnn.readNetFromCaffe(str(model), str(weights))
    theirs.setInput(pictures)
    wanted = theirs.forward("prob")
    assert np.ptp(wanted) > 0.05
    np.testing.assert_allclose(net.blob("prob"), wanted, atol=1e-4)
    for layer in ("conv2", "ip2"):
        np.testing.assert_allclose(net.blob(layer), theirs.forward(layer), atol=1e-4)


SCALARS = """
name: "scalars"
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 2 dim: 3 dim: 4 dim: 4 } } }
layer { name: "act" type: "PReLU" bottom: "data" top: "act"
  prelu_param { channel_shared: true filler { value: 0.3 } } }
layer { name: "half" type: "Scale" bottom: "act" top: "half"
  scale_param { num_axes: 0 filler { value: -0.5 } } }
layer { name: "sum" type: "InnerProduct" bottom: "half" top: "sum" inner_product_param {
  num_output: 2 weight_filler { type: "xavier" } } }
"""


@pytest.mark.slow
def test_slopes_and_factors_without_axes_are_read(tmp_path: Path) -> None:
    text = read_text(SCALARS, pb.NetParameter).message
    net = Net(graph_of(SCALARS, pb.TEST), seed=3)
    model, weights = tmp_path / "scalars.prototxt", tmp_path / "scalars.caffemodel"
    model.write_text(write_text(text))
    write_weights(weights, "scalars", layer_weights(net, list(text.layer)))
    pictures = np.random.default_rng(1).normal(size=(2, 3, 4, 4)).astype(np.float32)
    net.feed({"data": pictures})
    net.forward()
    theirs = cv2.dnn.readNetFromCaffe(str(model), str(weights))
    theirs.setInput(pictures)
    np.testing.assert_allclose(net.blob("sum"), theirs.forward("sum"), atol=1e-5)
