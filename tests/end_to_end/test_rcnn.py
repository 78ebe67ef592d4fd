"""Detectors in the manner of Faster R-CNN, R-FCN and PVANet, whole, against numpy alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mycaffe_py import pycaffe as caffe
from tests.reference.regions import anchors, averages, greatest, proposals

Array = npt.NDArray[Any]

_BEGIN = """
name: "small" input: "data" input_shape { dim: 1 dim: 3 dim: 48 dim: 64 }
input: "im_info" input_shape { dim: 1 dim: 3 }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param {
  num_output: 6 kernel_size: 4 stride: 4 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "conv2" type: "Convolution" bottom: "conv1" top: "conv2" convolution_param {
  num_output: 8 kernel_size: 3 pad: 1 stride: 2 } }
"""
# The doubled ReLU of PVANet, out of Power, Concat and Scale.
_DOUBLED = """
layer { name: "neg" type: "Power" bottom: "conv2" top: "neg" power_param { scale: -1 } }
layer { name: "both" type: "Concat" bottom: "conv2" bottom: "neg" top: "both" }
layer { name: "scaled" type: "Scale" bottom: "both" top: "both" scale_param { bias_term: true } }
layer { name: "relu2" type: "ReLU" bottom: "both" top: "both" }
"""
_REGIONS = """
layer { name: "rpn_cls_score" type: "Convolution" bottom: "SOURCE" top: "rpn_cls_score"
  convolution_param { num_output: 12 kernel_size: 1 } }
layer { name: "rpn_bbox_pred" type: "Convolution" bottom: "SOURCE" top: "rpn_bbox_pred"
  convolution_param { num_output: 24 kernel_size: 1 } }
layer { name: "rpn_cls_score_reshape" type: "Reshape" bottom: "rpn_cls_score"
  top: "rpn_cls_score_reshape" reshape_param { shape { dim: 0 dim: 2 dim: -1 dim: 0 } } }
layer { name: "rpn_cls_prob" type: "Softmax" bottom: "rpn_cls_score_reshape" top: "rpn_cls_prob" }
layer { name: "rpn_cls_prob_reshape" type: "Reshape" bottom: "rpn_cls_prob"
  top: "rpn_cls_prob_reshape" reshape_param { shape { dim: 0 dim: 12 dim: -1 dim: 0 } } }
layer { name: "proposal" KIND bottom: "rpn_cls_prob_reshape" bottom: "rpn_bbox_pred"
  bottom: "im_info" top: "rois" OPTIONS }
"""
PYTHON = (
    'type: "Python"',
    "python_param { module: 'rpn.proposal_layer' layer: 'ProposalLayer' "
    "param_str: \"'feat_stride': 8\\n'scales': [1, 2]\" }",
)
BUILT_IN = (
    'type: "Proposal"',
    "proposal_param { feat_stride: 8 ratio: 0.5 ratio: 1 ratio: 2 scale: 1 scale: 2 }",
)
_FULL = """
layer { name: "roi_pool" type: "ROIPooling" bottom: "SOURCE" bottom: "rois" top: "pool"
  roi_pooling_param { pooled_w: 3 pooled_h: 2 spatial_scale: 0.125 } }
layer { name: "cls_score" type: "InnerProduct" bottom: "pool" top: "cls_score"
  inner_product_param { num_output: 4 } }
layer { name: "bbox_pred" type: "InnerProduct" bottom: "pool" top: "bbox_pred"
  inner_product_param { num_output: 16 } }
layer { name: "cls_prob" type: "Softmax" bottom: "cls_score" top: "cls_prob" }
"""
_BY_PLACE = """
layer { name: "rfcn_cls" type: "Convolution" bottom: "SOURCE" top: "rfcn_cls"
  convolution_param { num_output: 36 kernel_size: 1 } }
layer { name: "psroipooled_cls" type: "PSROIPooling" bottom: "rfcn_cls" bottom: "rois"
  top: "psroipooled_cls"
  psroi_pooling_param { spatial_scale: 0.125 output_dim: 4 group_size: 3 } }
layer { name: "ave_cls" type: "Pooling" bottom: "psroipooled_cls" top: "cls_score"
  pooling_param { pool: AVE kernel_size: 3 stride: 3 } }
layer { name: "cls_prob" type: "Softmax" bottom: "cls_score" top: "cls_prob" }
"""


def _text(end: str, proposal: tuple[str, str], doubled: bool = False) -> str:
    text = _BEGIN + (_DOUBLED if doubled else "") + _REGIONS + end
    text = text.replace("SOURCE", "both" if doubled else "conv2")
    return text.replace("KIND", proposal[0]).replace("OPTIONS", proposal[1])


def _convolved(x: Array, net: Any, name: str, stride: int = 1, pad: int = 0) -> Array:
    weights, bias = (blob.data.astype(np.float64) for blob in net.params[name])
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], axis=(2, 3))
    y = np.einsum("nchwij,kcij->nkhw", windows[:, :, ::stride, ::stride], weights)
    return np.asarray(y + bias[:, None, None])


def _softmax(x: Array, axis: int) -> Array:
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def _maps(net: Any, doubled: bool) -> Array:
    x = net.blobs["data"].data.astype(np.float64)
    x = _convolved(np.maximum(_convolved(x, net, "conv1", 4), 0), net, "conv2", 2, 1)
    if doubled:
        scale, shift = (blob.data[:, None, None] for blob in net.params["scaled"])
        x = np.maximum(np.concatenate([x, -x], axis=1) * scale + shift, 0)
    return x


def _regions(net: Any, x: Array) -> Array:
    scores = _convolved(x, net, "rpn_cls_score")
    halves = scores.reshape(1, 2, -1, scores.shape[3])
    found = proposals(
        _softmax(halves, 1).reshape(scores.shape)[0],
        _convolved(x, net, "rpn_bbox_pred")[0],
        net.blobs["im_info"].data[0],
        anchors(16, [0.5, 1, 2], [1, 2]),
        stride=8,
        least=8.0,
        most=(6000, 300),
        limit=0.7,
    )
    return np.array([[0, *box] for _, box in found])


def _net(tmp_path: Path, text: str) -> Any:
    """Random weights, small where boxes and their scores are told: no score is 0 or 1."""
    model = tmp_path / "test.prototxt"
    model.write_text(text)
    net = caffe.Net(str(model), caffe.TEST)
    random = np.random.default_rng(2)
    for name, blobs in net.params.items():
        size = 0.002 if name.startswith("rpn_") else 0.15
        for blob in blobs:
            blob.data[...] = random.normal(size=blob.data.shape) * size
    net.blobs["data"].data[...] = random.uniform(-100, 100, net.blobs["data"].data.shape)
    net.blobs["im_info"].data[...] = [48, 64, 0.5]
    return net


@pytest.mark.slow
@pytest.mark.parametrize(
    ("proposal", "doubled"), [(PYTHON, False), (BUILT_IN, True)], ids=["faster-rcnn", "pvanet"]
)
def test_regions_then_classes(tmp_path: Path, proposal: tuple[str, str], doubled: bool) -> None:
    net = _net(tmp_path, _text(_FULL, proposal, doubled))
    found = net.forward()
    x = _maps(net, doubled)
    rois = _regions(net, x)
    assert len(rois) > 10
    np.testing.assert_allclose(net.blobs["rois"].data, rois, atol=1e-3)
    pooled = greatest(x, rois, 2, 3, 0.125).reshape(len(rois), -1)
    for name in ("cls_score", "bbox_pred"):
        weights, bias = (blob.data.astype(np.float64) for blob in net.params[name])
        wanted = pooled @ weights.T + bias
        np.testing.assert_allclose(net.blobs[name].data, wanted, atol=1e-3 * np.abs(wanted).max())
    np.testing.assert_allclose(found["cls_prob"].sum(axis=1), 1, rtol=1e-5)


@pytest.mark.slow
def test_classes_by_place(tmp_path: Path) -> None:
    net = _net(tmp_path, _text(_BY_PLACE, PYTHON))
    found = net.forward()["cls_prob"]
    x = _maps(net, False)
    rois = _regions(net, x)
    cells = averages(_convolved(x, net, "rfcn_cls"), rois, 4, 3, 0.125)
    wanted = _softmax(cells.mean(axis=(2, 3)), 1)
    assert np.ptp(wanted) > 0.3
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted, atol=1e-3)


@pytest.mark.slow
def test_pictures_without_a_region_have_no_classes(tmp_path: Path) -> None:
    net = _net(tmp_path, _text(_FULL, PYTHON))
    several = len(net.forward()["cls_prob"])
    net.blobs["im_info"].data[...] = [48, 64, 100]
    assert net.forward()["cls_prob"].shape == (0, 4)
    net.blobs["im_info"].data[...] = [48, 64, 0.5]
    assert len(net.forward()["cls_prob"]) == several > 10


_LEARN = """
name: "learn"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param {
  num_output: 4 kernel_size: 3 stride: 2 } }
layer { name: "roi_pool" type: "ROIPooling" bottom: "conv" bottom: "rois" top: "pool"
  roi_pooling_param { pooled_w: 2 pooled_h: 2 spatial_scale: 0.5 } }
layer { name: "cls_score" type: "InnerProduct" bottom: "pool" top: "cls_score"
  inner_product_param { num_output: 2 } }
layer { name: "bbox_pred" type: "InnerProduct" bottom: "pool" top: "bbox_pred"
  inner_product_param { num_output: 8 } }
layer { name: "loss_cls" type: "SoftmaxWithLoss" bottom: "cls_score" bottom: "labels"
  top: "loss_cls" }
layer { name: "loss_bbox" type: "SmoothL1Loss" bottom: "bbox_pred" bottom: "bbox_targets"
  bottom: "inside" bottom: "outside" top: "loss_bbox" }
"""


@pytest.mark.slow
def test_it_learns_from_regions_and_their_boxes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    corners = random.uniform(0, 12, (6, 2))
    given = {
        "data": random.normal(size=(2, 3, 24, 24)),
        "rois": np.hstack([np.arange(6)[:, None] % 2, corners, corners + 8]),
        "labels": np.arange(6) % 2,
        "bbox_targets": random.normal(size=(6, 8)),
        "inside": np.ones((6, 8)),
        "outside": np.ones((6, 8)),
    }
    inputs = "".join(
        f'layer {{ name: "{name}" type: "Input" top: "{name}" input_param {{ shape {{ '
        + " ".join(f"dim: {n}" for n in value.shape)
        + " } } }\n"
        for name, value in given.items()
    )
    model = tmp_path / "train.prototxt"
    model.write_text(inputs + _LEARN)
    net: Any = caffe.Net(str(model), caffe.TRAIN)
    for blobs in net.params.values():
        blobs[0].data[...] = random.normal(size=blobs[0].data.shape) * 0.2
    for name, value in given.items():
        net.blobs[name].data[...] = value
    losses = []
    for _ in range(40):
        net.clear_param_diffs()
        losses.append(sum(float(value) for value in net.forward().values()))
        net.backward()
        for blobs in net.params.values():
            for blob in blobs:
                assert np.abs(blob.diff).max() > 0
                blob.data[...] -= 0.1 * blob.diff
    assert losses[-1] < losses[0] / 3
