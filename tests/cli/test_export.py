"""`mycaffe export`: what it writes and tells, and mistakes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from mycaffe_py.data.picture_record import PictureRecord
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.run_net import RunNet
from mycaffe_py.evaluate.snapshot import open_snapshot

SCALE = 0.00390625


@pytest.fixture
def here(siamese_snapshot, tmp_path):
    """A folder with the trained snapshot below it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path


def test_one_file_classifies(mycaffe, here):
    result = mycaffe("export", "onnx")
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "small_iter_150.onnx",
        "  in   data  N x 1 x 28 x 28",
        "  out  decode  N x 10",
        "  pictures: 0-255, then scale: 0.00390625",
        "  decode: squared distances to the labels' centroids; the smallest is the answer",
    ]
    source = open_source("digits28.testing")
    images = source.gather(np.arange(25))
    session = onnxruntime.InferenceSession(here / "small_iter_150.onnx")
    (distances,) = session.run(None, {"data": images.astype(np.float32) * SCALE})
    expected = RunNet(open_snapshot(None, here), source, 25).distances(images)
    np.testing.assert_allclose(distances, expected, rtol=1e-4, atol=1e-4)
    assert (distances.argmin(axis=1) == expected.argmin(axis=1)).all()


def test_a_model_with_weights(mycaffe, here):
    shutil.copyfile(here / "snapshots/small_iter_150.caffemodel", here / "w.caffemodel")
    (here / "plain.prototxt").write_text(
        'layer { name: "data" type: "Input" top: "data"\n'
        "  input_param { shape { dim: 4 dim: 1 dim: 28 dim: 28 } } }\n"
        'layer { name: "feat" type: "InnerProduct" bottom: "data" top: "feat"\n'
        "  inner_product_param { num_output: 8 bias_term: false } }\n"
        'layer { name: "lost" type: "ReLU" bottom: "feat" top: "feat" }\n'
    )
    words = ("export", "onnx", "plain.prototxt", "--weights", "w.caffemodel")
    result = mycaffe(*words, "--out", "deep/it.onnx", "--json")
    assert json.loads(result.out) == {
        "files": ["deep/it.onnx"],
        "opset": 13,
        "inputs": {"data": ["N", 1, 28, 28]},
        "outputs": {"feat": ["N", 8]},
        "facts": {},
        "notes": [],
    }
    model = onnx.load(here / "deep/it.onnx")
    assert [node.name for node in model.graph.node] == ["feat", "feat/Gemm", "lost"]


def test_without_weights_it_says_so(mycaffe, digits_only):
    result = mycaffe("export", "onnx", "lenet")
    assert result.code == 0, result.err
    assert result.out.endswith("  note: no weights are given: these are random ones\n")
    assert Path("lenet.onnx").is_file()


def test_the_test_net_is_refused_where_it_has_a_loss(mycaffe, digits_only):
    result = mycaffe("export", "onnx", "lenet", "--phase", "test")
    assert result.code == 2
    assert "layer 'accuracy' (Accuracy): ONNX has nothing that does the same" in result.err
    assert "lenet.prototxt:" in result.err


def test_deploy_of_the_newest_snapshot(mycaffe, here):
    result = mycaffe("export", "deploy")
    assert result.code == 0, result.err
    folder = "small_iter_150_deploy"
    assert result.out.splitlines() == [
        f"{folder}/deploy.prototxt",
        f"{folder}/deploy.caffemodel",
    ]
    words = (f"{folder}/deploy.prototxt", "--weights", f"{folder}/deploy.caffemodel")
    assert mycaffe("export", "onnx", *words).code == 0
    assert mycaffe("export", "onnx", "--out", "first.onnx").code == 0
    first, again = (onnx.load(here / name).graph for name in ("first.onnx", "deploy.onnx"))
    assert first.node == again.node
    assert list(first.initializer) == list(again.initializer)


def test_exported_files_tell_how_pictures_were_read(mycaffe, here):
    wanted = open_source("digits28.training").pictures
    assert PictureRecord.from_json(wanted).fit == "ink"
    assert mycaffe("export", "onnx", "--out", "it.onnx").code == 0
    facts = {one.key: one.value for one in onnx.load(here / "it.onnx").metadata_props}
    assert facts["picture_record"] == wanted
    assert mycaffe("export", "deploy", "--out", "out").code == 0
    lines = (here / "out" / "deploy.prototxt").read_text().splitlines()
    assert lines[0].startswith("# pictures read as gray 28x28, fit ink, light on dark")
    assert lines[1] == f"# picture_record {wanted}"


def test_deploy_for_caffe_tells_what_it_leaves_out(mycaffe, here):
    result = mycaffe("export", "deploy", "--caffe", "--out", "out")
    assert result.out.endswith("  left out, as Caffe does not know them: decode\n")
    told = json.loads(mycaffe("export", "deploy", "--caffe", "--out", "out", "--json").out)
    assert told["left_out"] == ["decode"]
    assert told["files"] == ["out/deploy.prototxt", "out/deploy.caffemodel"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("deploy", "lenet"), "no weights are given"),
        (("onnx", "--weights", "x"), "--weights without a model"),
        (("onnx", "lenet", "--snapshot", "x"), "a model and --snapshot are both given"),
        (("onnx", "nowhere.prototxt"), "there is no model 'nowhere.prototxt'"),
        (("onnx",), "there is no *_iter_*.caffemodel below"),
    ],
)
def test_mistakes(mycaffe, words, told):
    result = mycaffe("export", *words)
    assert result.code == 2
    assert told in result.err
    assert result.err.count("\n") == 1


def test_what_is_exported_is_never_written_over(mycaffe, here):
    mycaffe("export", "deploy", "--out", "out")
    before = (here / "out/deploy.prototxt").read_text()
    words = ("out/deploy.prototxt", "--weights", "out/deploy.caffemodel")
    result = mycaffe("export", "deploy", *words, "--out", "out")
    assert (result.code, result.err) == (
        2,
        "mycaffe: error: out/deploy.prototxt is what is exported. Choose another --out.\n",
    )
    assert (here / "out/deploy.prototxt").read_text() == before


def test_weights_of_another_model_are_refused(mycaffe, here, digits_only):
    words = ("lenet", "--weights", "snapshots/small_iter_150.caffemodel")
    result = mycaffe("export", "onnx", *words)
    assert result.code == 2
    assert "no layer of snapshots/small_iter_150.caffemodel is in the net" in result.err
