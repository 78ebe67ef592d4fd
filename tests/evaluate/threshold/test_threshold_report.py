import dataclasses
import json
import shutil

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture
def snapshot(siamese_snapshot, tmp_path):
    shutil.copytree(siamese_snapshot.parent, tmp_path / "s")
    return open_snapshot(tmp_path / "s" / siamese_snapshot.name)


def test_what_was_not_measurable_is_null_or_said(snapshot) -> None:
    """One class only: none can be left out, and 1 % cannot be shown with a few items."""
    source = open_source("digits28.testing")
    few = np.flatnonzero(source.labels == 3)[:7]
    found = measure(snapshot, make_source("MINE.x", source.images[few], source.labels[few]), 0.01)
    text = "\n".join(ThresholdReport(found, snapshot).lines())
    assert "7 items cannot show a rate of 1.00 % (at least 100 can)" in text
    alone = dataclasses.replace(found, caught=dataclasses.replace(found.caught, count=0, n=0))
    assert "items of left-out classes caught:      not measured" in "\n".join(
        ThresholdReport(alone, snapshot).lines()
    )
    path = ThresholdReport(alone, snapshot).write()
    assert json.loads(path.read_text())["caught"]["rate"] is None


def test_saturated_features_are_said_with_figures_that_can_be_read(snapshot) -> None:
    """Trained classes on points: thresholds are not printed as 0.00000."""
    found = measure(snapshot, open_source("digits28.testing"), 0.1)
    shrunk = dataclasses.replace(
        found,
        threshold=found.threshold * 1e-6,
        known=found.known * 1e-6,
        by_distance=dataclasses.replace(found.by_distance, known=found.known * 1e-6),
        curve=dataclasses.replace(found.curve, eer_threshold=1.54e-6),
    )
    text = "\n".join(ThresholdReport(shrunk, snapshot).lines())
    assert f"threshold {shrunk.threshold:.3g} (squared" in text and "e-0" in text
    assert " % at 1.54e-06, area under" in text
    assert "Warning: the features have saturated" in text
    assert ThresholdReport(shrunk, snapshot).as_json()["saturated"] is True
    assert "features have saturated" not in "\n".join(ThresholdReport(found, snapshot).lines())


def test_curves_are_thinned_with_both_ends(snapshot) -> None:
    found = measure(snapshot, open_source("digits28.testing"), 0.1)
    curve = ThresholdReport(found, snapshot).as_json()["roc"]
    assert len(curve["caught"]) == len(curve["false_alarms"]) == len(curve["thresholds"]) <= 200
    assert (curve["false_alarms"][0], curve["caught"][0]) == (1, 1)
    assert (curve["false_alarms"][-1], curve["caught"][-1]) == (0, 0)
    empty = ThresholdReport(found, snapshot).as_json()["roc_never_trained"]
    assert empty["n"] == 0 and empty["caught"] == []
