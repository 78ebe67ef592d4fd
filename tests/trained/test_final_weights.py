"""Answers and figures use the centroids of the final features, whatever training left behind."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.snapshot.names import MEANS
from mycaffe_py.snapshot.weights import read_weights
from mycaffe_py.trained import class_means as means_module
from mycaffe_py.trained import training_features
from mycaffe_py.trained.final_weights import final_means, final_weights
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot
from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER, Result


@pytest.fixture
def path(siamese_snapshot: Path, tmp_path: Path) -> Path:
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path / "snapshots" / siamese_snapshot.name


@pytest.fixture
def snapshot(path):
    return open_snapshot(path)


def answers(snapshot, batch=64):
    """Centroids (L, D) and counts (L,) that the net answers with."""
    return RunNet(snapshot, open_source("digits28.testing"), batch).centroids()


def by_hand(snapshot, labels=range(10)):
    training = open_source("digits28.training")
    rows = RunNet(snapshot, training, 64).features(training.images).astype(np.float64)
    return np.array([rows[training.labels == label].mean(axis=0) for label in labels])


def file_of(snapshot):
    return snapshot.files.with_ending(MEANS)


def train(mycaffe, model=SMALL_SIAMESE, name="other", *options):
    Path(f"{name}.prototxt").write_text(model)
    Path(f"{name}.solver").write_text(SMALL_SOLVER.replace("NAME", name).replace("TESTS", ""))
    result = mycaffe("train", "--solver", f"{name}.solver", "--seed", "1", *options)
    assert result.code == 0, result.err
    return result


@pytest.mark.slow
def test_the_end_of_a_training_makes_them_and_says_so(mycaffe: Callable[..., Result]) -> None:
    result = train(mycaffe, SMALL_SIAMESE, "other", "--iterations", "3")
    assert result.err == (
        "10 class means of the final features, of 1,437 items of digits28.training, kept in "
        "snapshots/other_iter_3.classes.json\n"
    )
    assert mycaffe("test-many").err == ""


def test_they_are_the_means_of_the_final_features(snapshot) -> None:
    centroids, counts = answers(snapshot)
    np.testing.assert_allclose(centroids, by_hand(snapshot), rtol=1e-4, atol=1e-5)
    assert counts.all()


def test_the_caffemodel_keeps_those_of_the_training_byte_for_byte(snapshot, path: Path) -> None:
    before = path.read_bytes()
    file_of(snapshot).unlink()
    live = read_weights(path).layers["decode"][0].array[:, :, 0, 0]
    assert np.abs(answers(snapshot)[0] - live).max() > 0.05
    assert path.read_bytes() == before
    np.testing.assert_array_equal(snapshot.weights.layers["decode"][0].array[:, :, 0, 0], live)


@pytest.mark.slow
def test_figures_do_not_depend_on_cache_size(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    figures = []
    for size in (1, 500):
        model = SMALL_SIAMESE.replace("cache_size: 2", f"cache_size: {size}")
        train(mycaffe, model, f"cache{size}", "--iterations", "40")
        weights = f"snapshots/cache{size}_iter_40.caffemodel"
        told = json.loads(mycaffe("test-many", "--json", "--snapshot", weights).out)
        figures.append((told["accuracy"], told["confusion"]))
    assert figures[0] == figures[1]


def test_batch_and_threads_change_no_bit(snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    from mycaffe_py.engine.threads import set_threads

    whole = file_of(snapshot).read_text()
    for threads in (1, 2):
        file_of(snapshot).unlink()
        set_threads(threads)
        answers(snapshot, 1 if threads == 1 else 100)
        assert file_of(snapshot).read_text() == whole


def test_a_sample_has_every_class(snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    file_of(snapshot).unlink()
    monkeypatch.setattr(training_features, "_MOST_ITEMS", 25)
    means = final_means(snapshot, run_graph(snapshot, 1))
    assert (means.items, means.labels.tolist()) == (40, list(range(10)))


@pytest.mark.parametrize("other", [{"net": "other"}, {"format": 99}, {"layers": {}}], ids=str)
def test_a_file_of_other_weights_is_told_and_made_anew(
    snapshot, capsys: pytest.CaptureFixture[str], other
) -> None:
    whole = file_of(snapshot).read_text()
    file_of(snapshot).write_text(json.dumps(json.loads(whole) | other))
    answers(snapshot)
    assert "are of other weights and are made anew" in capsys.readouterr().err
    assert file_of(snapshot).read_text() == whole


def gone(name, make=True):
    from mycaffe_py.errors import UserError

    raise UserError(f"there is no dataset '{name}'")


def changed(name, make=True):
    from dataclasses import replace

    return replace(open_source(name), checksum="other")


@pytest.mark.parametrize(
    ("opened", "why"), [(gone, "there is no dataset"), (changed, "has changed since")]
)
def test_without_the_training_data_those_of_the_training_have_to_do(
    snapshot,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    opened,
    why: str,
) -> None:
    file_of(snapshot).unlink()
    monkeypatch.setattr(means_module, "open_source", opened)
    live = read_weights(path).layers["decode"][0].array[:, :, 0, 0]
    np.testing.assert_array_equal(answers(snapshot)[0], live)
    (line,) = capsys.readouterr().err.splitlines()
    assert "its centroids are the running means of the training" in line and why in line
    assert not file_of(snapshot).exists()


def test_a_folder_that_cannot_be_written_costs_the_file_alone(
    snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mycaffe_py.errors import MyCaffeError
    from mycaffe_py.trained import class_means_file

    known = answers(snapshot)[0]
    file_of(snapshot).unlink()

    def refuse(path, content):
        raise MyCaffeError(f"cannot write {path}: Read-only file system")

    monkeypatch.setattr(class_means_file, "write_atomically", refuse)
    np.testing.assert_array_equal(answers(snapshot)[0], known)
    assert "they cannot be kept, so each command makes them" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_that_writes_a_snapshot_anew_takes_the_old_file_away(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    train(mycaffe, SMALL_SIAMESE, "other", "--iterations", "3")
    (first,) = tmp_path.glob("snapshots/other_iter_3.classes.json")
    before = json.loads(first.read_text())
    result = train(mycaffe, SMALL_SIAMESE.replace("2 }", "1 }"), "other", "--iterations", "3")
    assert "other weights" not in result.err
    after = json.loads(first.read_text())
    assert after["weights"] != before["weights"]


KNN = SMALL_SIAMESE.replace("cache_size: 2", "target: KNN k: 3 cache_size: 2")


@pytest.mark.slow
def test_knn_compares_with_final_features(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    train(mycaffe, KNN, "knn", "--iterations", "20")
    snapshot = open_snapshot(tmp_path / "snapshots/knn_iter_20.caffemodel")
    training, testing = open_source("digits28.training"), open_source("digits28.testing")
    net = RunNet(snapshot, testing, 64)
    rows = net.features(training.images).astype(np.float64)
    asked = net.features(testing.images[:9]).astype(np.float64)
    own = rows[training.labels == 3]
    slots = snapshot.weights.layers["decode"][3].array.shape[1]
    kept = own[np.linspace(0, len(own) - 1, min(slots, len(own))).round().astype(int)]
    apart = np.sort(((asked[:, None] - kept[None]) ** 2).sum(axis=2), axis=1)[:, :3].mean(axis=1)
    np.testing.assert_allclose(net.distances(testing.images[:9])[:, 3], apart, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fixed", ["target: PREGEN label_count: 10", "enable_centroid_update: false"]
)
def test_centroids_that_do_not_move_stay(
    mycaffe: Callable[..., Result], tmp_path: Path, fixed: str
) -> None:
    model = SMALL_SIAMESE.replace("cache_size: 2", fixed)
    assert train(mycaffe, model, "fixed", "--iterations", "3").err == ""
    snapshot = open_snapshot(tmp_path / "snapshots/fixed_iter_3.caffemodel")
    assert final_weights(snapshot, run_graph(snapshot, 1)) is snapshot.weights


@pytest.mark.slow
def test_a_net_that_reads_lmdb_has_them_too(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    pytest.importorskip("lmdb")
    assert mycaffe("dataset", "export", "digits28.training", "lmdb", "store").code == 0
    model = """
    layer { name: "d" type: "Data" top: "data" top: "label"
      data_param { source: "store" batch_size: 16 backend: LMDB } }
    layer { name: "feat" type: "InnerProduct" bottom: "data" top: "feat"
      inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
    layer { name: "decode" type: "Decode" bottom: "feat" bottom: "label" top: "decode"
      decode_param { label_count: 10 } }
    layer { name: "s" type: "Silence" bottom: "decode" exclude { phase: RUN } }
    layer { name: "loss" type: "TripletLoss" bottom: "feat" bottom: "label" top: "loss"
      triplet_loss_param { mining: BATCH_HARD } }
    """
    result = train(mycaffe, model, "stored", "--iterations", "2", "--set", "solver.base_lr=1e-6")
    assert "10 class means of the final features, of 1,437 items of store" in result.err
    snapshot = open_snapshot(tmp_path / "snapshots/stored_iter_2.caffemodel")
    np.testing.assert_allclose(answers(snapshot)[0], by_hand(snapshot), rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_ignored_labels_have_no_centroid(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    model = SMALL_SIAMESE.replace("cache_size: 2", "cache_size: 2 ignore_label: 4")
    train(mycaffe, model, "ignores", "--iterations", "3")
    counts = answers(open_snapshot(tmp_path / "snapshots/ignores_iter_3.caffemodel"))[1]
    assert np.flatnonzero(counts == 0).tolist() == [4]


SECOND = """
layer {
  name: "wide" type: "Decode" bottom: "data" bottom: "mapped" top: "wide"
  decode_param { cache_size: 2 label_count: 10 }
}
layer { name: "quiet2" type: "Silence" bottom: "wide" exclude { phase: RUN } }
"""
MAPPING = """
layer {
  name: "mapped" type: "LabelMapping" bottom: "sim" top: "mapped"
  labelmapping_param { mapping: "7->1" }
}
"""


@pytest.mark.slow
def test_two_decode_layers_and_labels_that_are_mapped(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    train(mycaffe, SMALL_SIAMESE + MAPPING + SECOND, "two", "--iterations", "3")
    snapshot = open_snapshot(tmp_path / "snapshots/two_iter_3.caffemodel")
    means = final_means(snapshot, run_graph(snapshot, 1)).layers
    assert set(means) == {"decode", "wide"}
    training = open_source("digits28.training")
    pixels = training.images.reshape(len(training), -1) / 256
    both = pixels[np.isin(training.labels, (1, 7))].mean(axis=0)
    wide = means["wide"]
    assert wide.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 9]
    np.testing.assert_allclose(wide.means[1], both, rtol=1e-4, atol=1e-5)


def test_labels_that_only_say_alike_leave_the_centroids_alone(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    model = SMALL_SIAMESE.replace("output_all_labels: true", "")
    result = train(mycaffe, model, "flags", "--iterations", "3")
    assert "'sim' of layer 'pairs' does not hold the images' classes" in result.err


@pytest.mark.parametrize("kind", ["onnx", "deploy", "caffe"])
def test_exports_have_them(mycaffe: Callable[..., Result], snapshot, kind: str) -> None:
    wanted = answers(snapshot)[0]
    if kind == "onnx":
        onnx = pytest.importorskip("onnx")
        assert mycaffe("export", "onnx", "--out", "net.onnx").code == 0
        tensors = onnx.load("net.onnx").graph.initializer
        found = [onnx.numpy_helper.to_array(tensor) for tensor in tensors]
        assert any(
            a.size == wanted.size and np.array_equal(a.ravel(), wanted.ravel()) for a in found
        )
        return
    options = ("--caffe",) if kind == "caffe" else ()
    assert mycaffe("export", "deploy", *options, "--out", "out").code == 0
    written = read_weights(Path("out/deploy.caffemodel")).layers["decode"][0].array
    np.testing.assert_array_equal(written.reshape(wanted.shape), wanted)


def test_an_export_of_weights_without_a_card_says_which_it_has(
    mycaffe: Callable[..., Result], path: Path, tmp_path: Path
) -> None:
    shutil.copy(path, tmp_path / "alone.caffemodel")
    (tmp_path / "small.prototxt").write_text(SMALL_SIAMESE)
    told = mycaffe("export", "deploy", "small.prototxt", "--weights", "alone.caffemodel")
    assert told.code == 0 and told.err.count("\n") == 1
    assert "no run card beside alone.caffemodel: its centroids are exported as they" in told.err


@pytest.mark.slow
def test_a_snapshot_in_hdf5(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    train(mycaffe, SMALL_SIAMESE, "h", "--iterations", "3", "--set", "solver.snapshot_format=HDF5")
    snapshot = open_snapshot(tmp_path / "snapshots/h_iter_3.caffemodel.h5")
    np.testing.assert_allclose(answers(snapshot)[0], by_hand(snapshot), rtol=1e-4, atol=1e-5)
