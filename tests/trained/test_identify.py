import shutil

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.trained.enrollment import Example
from mycaffe_py.trained.enrollment_files import write
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.kept_threshold import given_threshold
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture(params=["siamese_snapshot", "classifier_snapshot"])
def snapshot(request, tmp_path):
    path = request.getfixturevalue(request.param)
    shutil.copytree(path.parent, tmp_path / "s")
    return open_snapshot(tmp_path / "s" / path.name)


def test_an_input_and_its_encoding_are_named_alike(snapshot) -> None:
    """Nets that decode and nets that classify, in whole batches and in a part of one."""
    source = open_source("digits28.testing")
    images = source.gather(np.arange(20))
    classes = KnownClasses(snapshot, source, given_threshold(1e9), batch=8)
    example = Example("seven.png", "7" * 16, classes.map.embed(images)[3])
    enrollments, _ = classes.carried.enrollments.with_examples("my seven", [example])
    write(snapshot.files, enrollments, {example.key: images[3]})
    classes = KnownClasses(snapshot, source, given_threshold(1e9), batch=8)
    named = classes.identify(images)
    assert named == classes.identify_encodings(classes.map.embed(images), lambda: images)
    assert named[3].nearest == "my seven" and named[3].enrolled
    assert len({one.nearest for one in named}) > 4


def test_beyond_the_threshold_every_class_is_too_far(snapshot) -> None:
    source = open_source("digits28.testing")
    (one,) = KnownClasses(snapshot, source, given_threshold(0)).identify(
        source.gather(np.arange(1))
    )
    assert one.unknown and one.label == "unknown" and one.nearest != "unknown"
