import json
import math
import shutil

import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.trained.kept_threshold import read
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture
def snapshot(siamese_snapshot, tmp_path):
    shutil.copytree(siamese_snapshot.parent, tmp_path / "s")
    return open_snapshot(tmp_path / "s" / siamese_snapshot.name)


def test_kept_for_these_weights_only(snapshot) -> None:
    assert math.isinf(read(snapshot).value)
    found = measure(snapshot, open_source("digits28.testing"), 0.1)
    path = ThresholdReport(found, snapshot).write()
    kept = read(snapshot)
    assert kept.value == found.threshold
    assert "known items of digits28.testing lie beyond it" in kept.origin
    path.write_text(json.dumps(json.loads(path.read_text()) | {"net": "other"}))
    assert math.isinf(read(snapshot).value)
    assert "was measured with other weights" in read(snapshot).origin
    path.write_text("{}")
    with pytest.raises(UserError, match=r"threshold\.json' is damaged.*writes it anew"):
        read(snapshot)


def test_kept_for_the_class_means_it_was_measured_with(snapshot) -> None:
    """Measured without the training data, it is no answer for the means of the final features."""
    found = measure(snapshot, open_source("digits28.testing"), 0.1)
    path = ThresholdReport(found, snapshot).write()
    raw = json.loads(path.read_text())
    assert raw["class_means"]
    path.write_text(json.dumps(raw | {"class_means": ""}))
    assert math.isinf(read(snapshot).value)
    assert "was measured with other class means; 'mycaffe thres" in read(snapshot).origin
    # As an earlier version wrote it: nobody knows with which.
    path.write_text(json.dumps({key: raw[key] for key in raw if key != "class_means"}))
    assert read(snapshot).value == raw["threshold"]
    assert "maybe with other class means: 'mycaffe threshold' does it anew" in read(snapshot).origin
