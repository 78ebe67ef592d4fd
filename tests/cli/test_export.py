"""`mycaffe export`: what it writes and tells, and mistakes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.kept_threshold import given_threshold, read
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot
from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER, Result

SCALE = 0.00390625


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with the trained snapshot below it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path


def test_one_file_answers_as_identify_does(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("export", "onnx")
    assert result.code == 0, result.err
    names = json.dumps([str(digit) for digit in range(10)])
    assert result.out.splitlines() == [
        "small_iter_150.onnx",
        "  in   pictures  N x 28 x 28 x C",
        "  out  decode  N x 10",
        "  out  feat  N x 8",
        "  out  label  N",
        "  out  distance  N",
        "  out  unknown  N",
        "  out  distances  N x 10",
        "  decode: squared distances to the labels' centroids; the smallest is the answer",
        "  pictures: N x 28 x 28 x C (uint8), 0-255, C is 1 or 3 (RGB); inside: channels, mean, "
        "scale, inverted: light borders",
        "  encoding: feat",
        f"  labels: {names}",
        f"  trained: {names}",
        "  enrolled: []",
        "  threshold: null",
        "  threshold_from: no threshold, so nothing is unknown: 'mycaffe threshold' finds one",
        "  again: for what is enrolled or measured later: mycaffe export onnx --snapshot "
        "snapshots/small_iter_150.caffemodel",
    ]
    source = open_source("digits28.testing")
    images = source.gather(np.arange(25))
    found = _answers(here / "small_iter_150.onnx", images)
    expected = KnownClasses(open_snapshot(None, here), source, given_threshold(np.inf), 25)
    for number, one in enumerate(expected.identify(images)):
        assert found["label"][number] == int(one.label)
        assert found["distance"][number] == pytest.approx(one.distance, abs=1e-4)
        assert not found["unknown"][number]
    np.testing.assert_allclose(found["feat"], expected.map.embed(images), atol=1e-4)


def _answers(path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """What the file at `path` says of `images` (n, C, H, W)."""
    session = onnxruntime.InferenceSession(path)
    names = [one.name for one in session.get_outputs()]
    feed = {session.get_inputs()[0].name: np.ascontiguousarray(images.transpose(0, 2, 3, 1))}
    return dict(zip(names, session.run(names, feed), strict=True))


def test_enrolled_classes_and_the_threshold_are_in_the_file(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    source = open_source("digits28.testing")
    noise = np.random.default_rng(1).integers(0, 90, (28, 28)).astype(np.uint8)
    Image.fromarray(noise).save("noise.png")
    assert mycaffe("threshold").code == 0
    assert mycaffe("enroll", "--label", "banana", "noise.png").code == 0
    assert mycaffe("export", "onnx", "--out", "it.onnx").code == 0
    facts = _facts(here / "it.onnx")
    assert json.loads(facts["enrolled"]) == ["banana"]
    assert json.loads(facts["labels"])[-1] == "banana"
    assert json.loads(facts["threshold"]) > 0
    images = np.concatenate([source.gather(np.arange(200)), noise[np.newaxis, np.newaxis]])
    found = _answers(here / "it.onnx", images)
    snapshot = open_snapshot(None, here)
    expected = KnownClasses(snapshot, source, read(snapshot), 25).identify(images)
    labels = json.loads(facts["labels"])
    said = [
        "unknown" if unknown else labels[label]
        for label, unknown in zip(found["label"], found["unknown"], strict=True)
    ]
    assert said == [one.label for one in expected]
    assert said[-1] == "banana"


def _facts(path: Path) -> dict[str, str]:
    return {one.key: one.value for one in onnx.load(path).metadata_props}


def test_blobs_by_name_are_the_only_outputs(mycaffe: Callable[..., Result], here: Path) -> None:
    assert mycaffe("export", "onnx", "--blob", "feat", "--out", "it.onnx").code == 0
    graph = onnx.load(here / "it.onnx").graph
    assert [one.name for one in graph.output] == ["feat"]
    assert not [node for node in graph.node if node.name.startswith("decode")]
    result = mycaffe("export", "onnx", "--blob", "fear")
    assert result.code == 2
    assert "the net has no blob 'fear'. Did you mean 'feat'?" in result.err
    result = mycaffe("export", "onnx", "--blob", "data")
    assert "this is an input of the net" in result.err


def _without(layer: str, text: str) -> str:
    """`text` without the layers of this name."""
    return re.sub(rf'layer \{{\s+name: "{layer}".*?\n\}}\n', "", text, flags=re.DOTALL)


def _trained(mycaffe: Callable[..., Result], name: str, text: str) -> None:
    """Train a net for a moment in this folder."""
    Path(f"{name}.prototxt").write_text(text)
    solver = SMALL_SOLVER.replace("NAME", name).replace("TESTS", "test_iter: 1 test_interval: 9")
    Path(f"{name}.solver").write_text(solver)
    words = ("--iterations", "5", "--seed", "1")
    assert mycaffe("train", "--solver", f"{name}.solver", *words).code == 0


def test_a_net_without_decode_has_its_encoding_only(mycaffe: Callable[..., Result]) -> None:
    text = SMALL_SIAMESE
    for layer in ("decode", "quiet", "accuracy"):
        text = _without(layer, text)
    _trained(mycaffe, "bare", text)
    told = json.loads(mycaffe("export", "onnx", "--json").out)
    assert told["outputs"] == {"feat": ["N", 8]}
    assert told["inputs"] == {"pictures": ["N", 28, 28, "C"]}
    assert told["notes"] == [
        "it names no class, as the net has no Decode or Softmax: the encoding is in it"
    ]
    assert json.loads(told["facts"]["label_names"])["7"] == "7"


def test_both_inputs_of_a_pair_are_pictures(mycaffe: Callable[..., Result]) -> None:
    text = SMALL_SIAMESE
    for layer in ("decode", "quiet", "accuracy"):
        text = _without(layer, text)
    second = text.index('name: "feat_p"')
    text = text[:second] + text[second:].replace("exclude { phase: RUN }", "", 1)
    text += """layer { name: "apart" type: "Eltwise" bottom: "feat" bottom: "feat_p" top: "apart"
      eltwise_param { coeff: 1 coeff: -1 } include { phase: RUN } }"""
    _trained(mycaffe, "pair", text)
    told = json.loads(mycaffe("export", "onnx", "--json", "--out", "pair.onnx").out)
    assert list(told["inputs"]) == ["data_pictures", "data_p_pictures"]
    assert list(told["outputs"]) == ["apart"]
    session = onnxruntime.InferenceSession("pair.onnx")
    images = open_source("digits28.testing").gather(np.arange(2)).transpose(0, 2, 3, 1)
    feed = {"data_pictures": images, "data_p_pictures": images[::-1]}
    (apart,) = session.run(None, feed)
    np.testing.assert_allclose(apart[0], -apart[1], atol=1e-5)
    assert np.abs(apart).max() > 0


def test_a_classifier_answers_by_its_class_means(
    mycaffe: Callable[..., Result], classifier_snapshot: Path, tmp_path: Path
) -> None:
    shutil.copytree(classifier_snapshot.parent, tmp_path / "snapshots")
    told = json.loads(mycaffe("export", "onnx", "--json").out)
    assert list(told["outputs"])[:2] == ["loss", "score"]
    assert told["notes"] == []
    source = open_source("digits28.testing")
    images = source.gather(np.arange(25))
    found = _answers(Path(told["files"][0]), images)
    expected = KnownClasses(open_snapshot(None), source, given_threshold(np.inf), 25)
    assert [str(label) for label in found["label"]] == [
        one.label for one in expected.identify(images)
    ]


def test_where_no_class_is_known_the_encoding_is_left(
    mycaffe: Callable[..., Result], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise UserError("it knows no class yet")

    monkeypatch.setattr("mycaffe_py.export.answers.KnownClasses", none)
    told = json.loads(mycaffe("export", "onnx", "--json").out)
    assert list(told["outputs"]) == ["decode", "feat"]
    assert told["notes"] == ["it names no class: it knows no class yet."]


@pytest.mark.parametrize("kind", ["float16", "float32"])
def test_inputs_of_other_types(mycaffe: Callable[..., Result], here: Path, kind: str) -> None:
    assert mycaffe("export", "onnx", "--input-type", kind, "--out", "it.onnx").code == 0
    images = open_source("digits28.testing").gather(np.arange(9))
    found = _answers(here / "it.onnx", images.astype(kind))
    assert mycaffe("export", "onnx", "--out", "bytes.onnx").code == 0
    np.testing.assert_array_equal(
        found["distances"], _answers(here / "bytes.onnx", images)["distances"]
    )


def test_the_net_alone_classifies(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("export", "onnx", "--plain")
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


def test_a_model_with_weights(mycaffe: Callable[..., Result], here: Path) -> None:
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


def test_without_weights_it_says_so(mycaffe: Callable[..., Result], digits_only: None) -> None:
    result = mycaffe("export", "onnx", "lenet")
    assert result.code == 0, result.err
    assert result.out.endswith("  note: no weights are given: these are random ones\n")
    assert Path("lenet.onnx").is_file()


def test_the_test_net_is_refused_where_it_has_a_loss(
    mycaffe: Callable[..., Result], digits_only: None
) -> None:
    result = mycaffe("export", "onnx", "lenet", "--phase", "test")
    assert result.code == 2
    assert "layer 'accuracy' (Accuracy): ONNX has nothing that does the same" in result.err
    assert "lenet.prototxt:" in result.err


def test_deploy_of_the_newest_snapshot(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("export", "deploy")
    assert result.code == 0, result.err
    folder = "small_iter_150_deploy"
    assert result.out.splitlines() == [
        f"{folder}/deploy.prototxt",
        f"{folder}/deploy.caffemodel",
        f"{folder}/deploy.json",
        "  out  encoding: the encoding",
        "  no threshold, so nothing is unknown: 'mycaffe threshold' finds one",
    ]
    words = (f"{folder}/deploy.prototxt", "--weights", f"{folder}/deploy.caffemodel")
    assert mycaffe("export", "onnx", *words).code == 0
    assert mycaffe("export", "onnx", "--plain", "--out", "first.onnx").code == 0
    first, again = (onnx.load(here / name).graph for name in ("first.onnx", "deploy.onnx"))
    # The encoding, an output of the deploy text, comes last.
    assert list(first.node) == list(again.node)[:-1]
    assert list(first.initializer) == list(again.initializer)


def test_exported_files_tell_how_pictures_were_read(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    wanted = open_source("digits28.training").pictures
    assert PictureRecord.from_json(wanted).fit == "ink"
    assert mycaffe("export", "onnx", "--out", "it.onnx").code == 0
    facts = {one.key: one.value for one in onnx.load(here / "it.onnx").metadata_props}
    assert facts["picture_record"] == wanted
    assert mycaffe("export", "deploy", "--out", "out").code == 0
    lines = (here / "out" / "deploy.prototxt").read_text().splitlines()
    assert lines[0].startswith("# pictures read as gray 28x28, fit ink, light on dark")
    assert lines[1] == f"# picture_record {wanted}"


def test_deploy_for_caffe_tells_what_it_leaves_out(
    mycaffe: Callable[..., Result], here: Path
) -> None:
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
def test_mistakes(mycaffe: Callable[..., Result], words: tuple[str, ...], told: str) -> None:
    result = mycaffe("export", *words)
    assert result.code == 2
    assert told in result.err
    assert result.err.count("\n") == 1


def test_what_is_exported_is_never_written_over(mycaffe: Callable[..., Result], here: Path) -> None:
    mycaffe("export", "deploy", "--out", "out")
    before = (here / "out/deploy.prototxt").read_text()
    words = ("out/deploy.prototxt", "--weights", "out/deploy.caffemodel")
    result = mycaffe("export", "deploy", *words, "--out", "out")
    assert (result.code, result.err) == (
        2,
        "mycaffe: error: out/deploy.prototxt is what is exported. Choose another --out.\n",
    )
    assert (here / "out/deploy.prototxt").read_text() == before


def test_weights_of_another_model_are_refused(
    mycaffe: Callable[..., Result], here: Path, digits_only: None
) -> None:
    words = ("lenet", "--weights", "snapshots/small_iter_150.caffemodel")
    result = mycaffe("export", "onnx", *words)
    assert result.code == 2
    assert "no layer of snapshots/small_iter_150.caffemodel is in the net" in result.err
