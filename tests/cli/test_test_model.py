"""`mycaffe test --model --weights`: Caffe's test, and its flags in Caffe's spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.conftest import Result

# Layer 'extra' is there in stage "deep" and from level 2 on.
MODEL = """
name: "measured"
layer { name: "x" type: "DummyData" top: "x" top: "label" dummy_data_param {
  shape { dim: 4 dim: 3 } shape { dim: 4 }
  data_filler { type: "uniform" } data_filler { value: 1 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 2 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "z_loss"
  loss_weight: 2 }
layer { name: "accuracy" type: "Accuracy" bottom: "y" bottom: "label" top: "accuracy"
  include { phase: TEST } }
layer { name: "extra" type: "Reduction" bottom: "y" top: "deep" reduction_param { axis: 1 }
  include { stage: "deep" } include { min_level: 2 } }
"""


@pytest.fixture
def model(tmp_path):
    """Weights that call everything class 1."""
    (tmp_path / "m.prototxt").write_text(MODEL)
    layer = pb.LayerParameter(name="ip", type="InnerProduct")
    layer.blobs.add(shape=pb.BlobShape(dim=[2, 3]), data=[0, 0, 0, 0, 0, 0])
    layer.blobs.add(shape=pb.BlobShape(dim=[2]), data=[0, 1])
    (tmp_path / "m.caffemodel").write_bytes(pb.NetParameter(layer=[layer]).SerializeToString())
    return ("--model", "m.prototxt", "--weights", "m.caffemodel")


def test_lines_are_caffes(mycaffe: Callable[..., Result], model) -> None:
    done = mycaffe("test", *model, "--iterations", "2")
    assert done.code == 0, done.err
    loss = float(np.log(1 + np.exp(-1)))
    assert done.out.splitlines() == [
        "Running for 2 iterations.",
        "Batch 0, accuracy = 1",
        f"Batch 0, z_loss = {loss:g}",
        "Batch 1, accuracy = 1",
        f"Batch 1, z_loss = {loss:g}",
        f"Loss: {2 * loss:g}",
        "accuracy = 1",
        f"z_loss = {loss:g} (* 2 = {2 * loss:g} loss)",
    ]


def test_the_mean_is_that_of_the_batches(
    mycaffe: Callable[..., Result], model, tmp_path: Path
) -> None:
    text = MODEL.replace("data_filler { value: 1 }", 'data_filler { type: "uniform" max: 2 }')
    (tmp_path / "m.prototxt").write_text(text)
    done = mycaffe("test", *model, "--iterations", "9")
    found = [float(v) for v in re.findall(r"Batch \d, accuracy = (\S+)", done.out)]
    assert len(set(found)) > 1
    mean = float(re.search(r"^accuracy = (\S+)", done.out, re.M).group(1))
    assert mean == pytest.approx(np.mean(found), rel=1e-5)


@pytest.mark.parametrize(
    ("flags", "deep"),
    [
        ([], False), (["--stage", "other, deep"], True), (["--stage", "other"], False),
        (["--level", "2"], True), (["--level", "1"], False), (["-stage=deep"], True),
    ],
)  # fmt: skip
def test_level_and_stage_choose_layers(
    mycaffe: Callable[..., Result], model, flags, deep: bool
) -> None:
    done = mycaffe("test", *model, "--iterations", "1", *flags)
    assert done.code == 0, done.err
    assert ("Batch 0, deep = " in done.out) == deep


def test_single_dashes_and_a_gpu(mycaffe: Callable[..., Result], model) -> None:
    done = mycaffe("test", "-model=m.prototxt", "-weights", "m.caffemodel", "-gpu", "0")
    assert done.code == 0
    assert "Running for 50 iterations." in done.out
    assert done.err == "--gpu 0 is passed over: all runs on the CPU\n"


def test_a_log_like_caffes(mycaffe: Callable[..., Result], model) -> None:
    done = mycaffe("test", *model, "--iterations", "1", "--caffe-log")
    assert done.out == ""
    prefix = r"I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ caffe\.cpp:\d+\] "
    assert re.search(prefix + r"accuracy = 1$", done.err, re.M)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "there is nothing to test"),
        (["--model", "m.prototxt"], "--model alone"),
        (["--weights", "m.caffemodel"], "--weights alone"),
        (["--model", "m.prototxt", "--weights", "no"], "cannot read no"),
        (["--model", "m.prototxt", "--weights", "m.caffemodel", "a.png"], "caffe.Classifier(MODEL"),
        (["--model", "m.prototxt", "--weights", "m.caffemodel", "--iterations", "0"], "at least 1"),
    ],
)
def test_mistakes(mycaffe: Callable[..., Result], model, arguments, words: str) -> None:
    done = mycaffe("test", *arguments)
    assert done.code == 2
    assert words in done.err


def test_a_layer_without_weights_is_not_measured(
    mycaffe: Callable[..., Result], model, tmp_path: Path
) -> None:
    more = 'layer { name: "new" type: "Scale" bottom: "y" top: "s" }'
    (tmp_path / "m.prototxt").write_text(MODEL + more)
    done = mycaffe("test", *model)
    assert done.code == 2
    assert "m.caffemodel has no weights for layer new of m.prototxt" in done.err
