import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.test_many import test_many as measure_many
from mycaffe_py.evaluate.threshold.foreign import against_foreign
from mycaffe_py.evaluate.threshold.open_set import UNKNOWN, macro_f1, open_set
from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture
def snapshot(siamese_snapshot):
    return open_snapshot(siamese_snapshot)


@pytest.fixture
def foreign():
    """Crosses, a class that no net here has learned, and a few threes beside them."""
    digits = open_source("digits28.testing")
    threes = digits.images[digits.labels == 3][:5]
    images = np.concatenate([np.roll(digits.images[:40], 9, axis=3), threes])
    labels = np.repeat([0, 1], [40, 5])
    return make_source("MINE.all", images, labels, {0: "cross", 1: "3"})


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_scikit_learn(seed) -> None:
    numbers = np.random.default_rng(seed)
    labels, answers = numbers.integers(0, 4, 60), numbers.integers(0, 4, 60)
    # Few values, so that many are tied.
    near, strange = numbers.integers(0, 12, 60) / 4, numbers.integers(4, 20, 30) / 4
    taken_for = numbers.integers(0, 4, 30)
    found = open_set(near, answers, labels, strange, taken_for, 2.0)
    foreign = np.repeat([0, 1], [60, 30])
    assert found.auroc == pytest.approx(roc_auc_score(foreign, np.concatenate([near, strange])))
    truth = np.concatenate([labels, np.full(30, UNKNOWN)])
    given = np.concatenate([np.where(near > 2, UNKNOWN, answers), np.full(30, UNKNOWN)])
    given[60:][strange <= 2] = taken_for[strange <= 2]
    assert found.f1 == pytest.approx(f1_score(truth, given, average="macro"))
    assert found.accuracy == pytest.approx(accuracy_score(labels, answers))
    assert (found.known, found.foreign) == (60, 30)


def test_what_was_not_measurable_is_no_number() -> None:
    some, none = np.array([1.0]), np.empty(0)
    label, no_label = np.array([0]), np.empty(0, np.int64)
    found = open_set(some, label, label, none, no_label, math.inf)
    assert math.isnan(found.auroc) and math.isnan(found.f1) and found.accuracy == 1
    assert "not measured, as there is no threshold" in found.lines()[1]
    assert found.as_json()["f1"] is None
    assert math.isnan(macro_f1(no_label, no_label))


@pytest.mark.slow
def test_foreign_items_of_another_source(snapshot, foreign) -> None:
    source = open_source("digits28.testing")
    found = measure(snapshot, source, 0.05, unknown=foreign)
    alone = measure(snapshot, source, 0.05)
    assert found.threshold == alone.threshold and found.right == alone.right
    # The threes are known to the net: they are no strangers.
    assert found.strangers.n == found.figures.foreign == 40
    distances = RunNet(snapshot, source, 64).distances(foreign.images[:40]).min(axis=1)
    assert found.strangers.count == int((distances > found.threshold).sum())
    told = "\n".join(ThresholdReport(found, snapshot).lines())
    assert f"(AUROC) {found.figures.auroc:.4f}" in told and "\ncross " in told
    assert ThresholdReport(alone, snapshot).as_json()["open_set"] is None


@pytest.mark.slow
def test_test_many_says_the_same(snapshot, foreign) -> None:
    source = open_source("digits28.testing")
    found = measure(snapshot, source, 0.05, unknown=foreign).figures
    report = measure_many(snapshot, source)
    told = against_foreign(report, foreign)
    assert told.auroc == pytest.approx(found.auroc, abs=1e-12)
    assert told.accuracy == found.accuracy == report.scores.accuracy
    assert told.foreign == 40


@pytest.mark.slow
def test_without_a_foreign_item(snapshot) -> None:
    source = open_source("digits28.testing")
    with pytest.raises(UserError, match=r"of classes that .* knows, and no other"):
        measure(snapshot, source, 0.05, unknown=open_source("digits28.training"))
