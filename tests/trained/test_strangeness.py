import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import cdist
from sklearn.covariance import shrunk_covariance

from mycaffe_py.api.load import load
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrollment.identify import identify
from mycaffe_py.evaluate.test_many import test_many as measure_many
from mycaffe_py.evaluate.threshold.foreign import against_foreign
from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.export.answers import known_of
from mycaffe_py.trained.class_items import class_items, class_windows
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.course import Course
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.inputs import input_like
from mycaffe_py.trained.kept_threshold import read
from mycaffe_py.trained.snapshot import open_snapshot
from mycaffe_py.trained.strangeness import SCORES, Strangeness, check_score
from tests.data.renamed import write_renamed

OTHERS = tuple(name for name in SCORES if name != "distance")


@pytest.fixture
def snapshot(siamese_snapshot, tmp_path):
    for file in siamese_snapshot.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return open_snapshot(tmp_path / siamese_snapshot.name)


@pytest.fixture
def source():
    return open_source("digits28.testing")


@pytest.fixture
def classes(snapshot, source):
    return ClassMap(snapshot, source, 64)


@pytest.fixture
def items(snapshot, classes):
    return class_items(snapshot, classes.net.net.graph)


def test_neighbours_are_those_of_scipy(snapshot, source, classes, items) -> None:
    rows = classes.embed(source.images[:20])
    found = Strangeness("neighbours", snapshot, classes).of_images(source.images[:20])
    for label in classes.labels.tolist():
        squares = np.sort(cdist(rows, items.of(label), "sqeuclidean"), axis=1)
        np.testing.assert_allclose(found[:, label], squares[:, :5].mean(axis=1), rtol=1e-4)


def test_gaussian_is_the_mahalanobis_distance_of_scipy(snapshot, source, classes, items) -> None:
    rows = classes.embed(source.images[:20]).astype(np.float64)
    found = Strangeness("gaussian", snapshot, classes).of_images(source.images[:20])
    for label in classes.labels.tolist():
        own = items.of(label).astype(np.float64)
        spread = shrunk_covariance(np.cov(own.T, bias=True), shrinkage=0.1)
        mean = own.mean(axis=0)[np.newaxis]
        wanted = cdist(rows, mean, "mahalanobis", VI=np.linalg.inv(spread))[:, 0] ** 2
        np.testing.assert_allclose(found[:, label], wanted, rtol=1e-6)


def test_whitened_neighbours_are_near_by_the_mahalanobis_distance_of_scipy(
    snapshot, source, classes, items
) -> None:
    rows = classes.embed(source.images[:20]).astype(np.float64)
    found = Strangeness("whitened", snapshot, classes).of_images(source.images[:20])
    for label in classes.labels.tolist():
        own = items.of(label).astype(np.float64)
        spread = shrunk_covariance(np.cov(own.T, bias=True), shrinkage=0.1)
        apart = cdist(rows, own, "mahalanobis", VI=np.linalg.inv(spread)) ** 2
        wanted = np.sort(apart, axis=1)[:, :5].mean(axis=1)
        np.testing.assert_allclose(found[:, label], wanted, rtol=1e-3, atol=1e-6)


def test_the_course_is_that_of_the_training_items(snapshot, source, classes, capfd) -> None:
    score = Strangeness("course", snapshot, classes)
    found = score.of_images(source.images[:20])
    windows = class_windows(snapshot, classes.net.net.graph)
    assert windows.fingerprint == score.fingerprint
    for label in classes.labels.tolist():
        course = Course(windows.of(label).reshape(-1, 28, 28))
        np.testing.assert_array_equal(found[:, label], course.of(source.images[:20, 0]))
    training = {image.tobytes() for image in open_source("digits28.training").images}
    assert all(row.astype(np.uint8).tobytes() in training for row in windows.rows)
    assert "windows.npz" in capfd.readouterr().err


def test_a_course_has_one_channel(snapshot, source, classes) -> None:
    three = ClassMap(snapshot, source, 64)
    three.like = replace(source, images=np.zeros((1, 3, 28, 28), np.uint8), labels=np.zeros(1, int))
    with pytest.raises(UserError, match="inputs have 3 channels"):
        Strangeness("course", snapshot, three)


def test_the_distance_is_that_of_the_map(snapshot, source, classes) -> None:
    rows = classes.embed(source.images[:20])
    found = Strangeness("distance", snapshot, classes).of_images(source.images[:20])
    np.testing.assert_array_equal(found, classes.trained_distances_of(rows))


def test_items_are_kept_and_made_anew_where_they_do_not_fit(
    snapshot, classes, items, capfd
) -> None:
    (path,) = snapshot.files.card.parent.glob("*.items.npz")
    kept = path.read_bytes()
    path.unlink()
    class_items(snapshot, classes.net.net.graph)
    assert path.read_bytes() == kept
    capfd.readouterr()
    again = class_items(snapshot, classes.net.net.graph)
    assert again.fingerprint == items.fingerprint and not capfd.readouterr().err
    path.write_bytes(kept[:500])
    again = class_items(snapshot, classes.net.net.graph)
    assert again.fingerprint == items.fingerprint
    assert "are damaged" in capfd.readouterr().err
    np.savez(path, rows=items.rows, labels=items.labels, net=np.frombuffer(b"other", np.uint8))
    class_items(snapshot, classes.net.net.graph)
    assert "are of other weights and are made anew" in capfd.readouterr().err


def test_a_score_that_is_none() -> None:
    with pytest.raises(UserError, match="there is no score 'neighbors'") as caught:
        check_score("neighbors")
    assert "Did you mean 'neighbours'?" in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_a_score_stays_with_the_snapshot_and_all_go_by_it(snapshot, source, name) -> None:
    foreign = write_renamed("OTHER", {9: "nine"})
    plain = measure(snapshot, source, 0.05, unknown=foreign)
    found = measure(snapshot, source, 0.05, unknown=foreign, score=name)
    assert found.called_unknown.count == plain.called_unknown.count == 18
    assert found.figures.accuracy == plain.figures.accuracy
    assert found.figures.auroc != plain.figures.auroc
    assert (found.floor, found.saturated) == (plain.floor, plain.saturated)
    report = ThresholdReport(found, snapshot)
    report.write()
    assert f"threshold {found.threshold:.5f} (score {name}, the smallest" in report.lines()[1]
    kept = read(snapshot)
    assert (kept.score, kept.score_limit, kept.value) == (name, found.threshold, plain.threshold)
    known = KnownClasses(snapshot, input_like(snapshot), kept, 64)
    answers = known.identify(source.images)
    assert sum(one.unknown for one in answers) == found.called_unknown.count
    net = load(snapshot.files.weights)
    assert net.identify(source.images[:, 0]).unknown.sum() == found.called_unknown.count
    assert (
        f"the score {name} of 'mycaffe threshold' is not in it" in known_of(snapshot, kept).notes[0]
    )
    told = against_foreign(measure_many(snapshot, source), foreign)
    assert told.auroc == pytest.approx(found.figures.auroc)
    assert told.f1 == pytest.approx(found.figures.f1)


@pytest.mark.slow
def test_identify_says_by_which_score(snapshot, source, tmp_path) -> None:
    ThresholdReport(measure(snapshot, source, 0.05, score="neighbours"), snapshot).write()
    kept = read(snapshot)
    file = tmp_path / "noise.png"
    pixels = np.random.default_rng(1).integers(0, 255, (28, 28)).astype(np.uint8)
    Image.fromarray(pixels).save(file)
    found = identify(snapshot, [file], kept)
    (one,) = found.found
    (told,) = found.as_json()
    assert told["score"] == one.strange and told["score_limit"] == kept.score_limit
    lines = "\n".join(found.lines())
    assert "of the score neighbours: 5.00 % of 360 known items" in lines
    if one.unknown:
        assert "unknown, its score" in lines


def test_other_training_items_are_told(snapshot, source) -> None:
    report = ThresholdReport(measure(snapshot, source, 0.05, score="gaussian"), snapshot)
    path = report.write()
    raw = json.loads(path.read_text())
    raw["score"]["items"] = "0" * 64
    path.write_text(json.dumps(raw))
    with pytest.raises(UserError, match="features of other training items"):
        KnownClasses(snapshot, input_like(snapshot), read(snapshot), 64)
