import shutil
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.enrollment import Enrollments, Example
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture
def source():
    return open_source("digits28.testing")


def by_hand(rows, centroids):
    return ((rows[:, None].astype(np.float64) - centroids[None].astype(np.float64)) ** 2).sum(2)


def test_a_decode_net_measures_as_test_does(siamese_snapshot: Path, source) -> None:
    snapshot = open_snapshot(siamese_snapshot)
    classes = ClassMap(snapshot, source, 16)
    images = source.gather(np.arange(40))
    found = classes.trained_distances(images)
    assert found.shape == (40, 10) and classes.labels.tolist() == list(range(10))
    np.testing.assert_array_equal(found[:16], RunNet(snapshot, source, 16).distances(images[:16]))
    rows = classes.embed(images)
    np.testing.assert_allclose(found, by_hand(rows, classes.centroids), rtol=1e-4, atol=1e-4)


def test_an_enrolled_class_lies_at_the_mean_of_its_examples(siamese_snapshot: Path, source) -> None:
    classes = ClassMap(open_snapshot(siamese_snapshot), source, 16)
    rows = classes.embed(source.gather(np.arange(5)))
    examples = [Example(str(i), str(i), rows[i]) for i in range(2)]
    enrollments, _ = Enrollments("", "").with_examples("new", examples)
    found = classes.enrolled_distances(source.gather(np.arange(5)), enrollments)
    wanted = by_hand(rows, rows[:2].mean(axis=0, keepdims=True))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert (
        classes.enrolled_distances(source.gather(np.arange(5)), Enrollments("", "")).shape[1] == 0
    )


def test_a_classifier_has_the_mean_features_of_training_items(
    classifier_snapshot: Path, source, tmp_path: Path
) -> None:
    shutil.copytree(classifier_snapshot.parent, tmp_path / "s")
    snapshot = open_snapshot(tmp_path / "s" / classifier_snapshot.name)
    classes = ClassMap(snapshot, source, 64)
    training = open_source("digits28.training")
    rows = classes.embed(training.images).astype(np.float64)
    means = np.array([rows[training.labels == label].mean(axis=0) for label in range(10)])
    np.testing.assert_allclose(classes.centroids, means, rtol=1e-4, atol=1e-4)
    distances = classes.trained_distances(source.images)
    assert (distances.argmin(axis=1) == source.labels).mean() > 0.8


def test_before_any_centroid_is_learned(
    siamese_snapshot: Path, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = RunNet.distances
    far = np.finfo(np.float32).max
    monkeypatch.setattr(
        RunNet, "distances", lambda net, images: np.full_like(original(net, images), far)
    )
    with pytest.raises(UserError, match="knows no class yet"):
        ClassMap(open_snapshot(siamese_snapshot), source, 1)
