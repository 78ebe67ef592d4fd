import math

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.threshold.unknown_threshold import check_rate, measure
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture
def snapshot(siamese_snapshot):
    return open_snapshot(siamese_snapshot)


@pytest.fixture
def source():
    return open_source("digits28.testing")


def relabelled(source, old, new):
    labels = np.where(source.labels == old, new, source.labels)
    return make_source("MINE.all", source.images, labels)


def test_as_measured_item_by_item(snapshot, source) -> None:
    found = measure(snapshot, source, 0.05)
    net = RunNet(snapshot, source, 256)
    parts = [net.distances(source.images[s : s + 256]) for s in range(0, len(source), 256)]
    rows = np.concatenate(parts).astype(np.float64)
    alarms = caught = right = 0
    for row, label in zip(rows.tolist(), source.labels.tolist(), strict=True):
        others = [distance for column, distance in enumerate(row) if column != label]
        alarms += min(row) > found.threshold
        right += row[label] == min(row) and min(row) <= found.threshold
        caught += min(others) > found.threshold
    assert found.called_unknown.count == alarms == math.floor(0.05 * len(source))
    assert (found.caught.count, found.right.count) == (caught, right)
    assert found.caught.n == found.right.n == found.called_unknown.n == len(source)
    assert found.strangers.n == 0 and math.isnan(found.strangers.rate)
    assert sum(one.caught.count for one in found.labels) == caught
    assert sum(one.called_unknown.count for one in found.labels) == alarms
    assert not found.trained_on
    assert 0.5 < found.curve.auc < 1


def test_labels_never_trained_are_counted_apart(snapshot, source) -> None:
    mixed = relabelled(source, 9, 12)
    found = measure(snapshot, mixed, 0.05)
    nines = int((source.labels == 9).sum())
    assert found.strangers.n == nines == found.labels[-1].caught.n
    last = found.labels[-1]
    assert found.source.label_names[last.label] == "12" and not last.trained
    assert found.called_unknown.n == len(source) - nines
    assert found.strangers.count == int((found.never_trained > found.threshold).sum())
    assert found.strangers_curve.different_n == nines


def test_data_the_net_learned_from_is_said(snapshot) -> None:
    assert measure(snapshot, open_source("digits28.training"), 0.01).trained_on


def test_no_known_item(snapshot, source) -> None:
    far = make_source("MINE.all", source.images[:5], np.full(5, 77))
    with pytest.raises(UserError, match=r"MINE\.all has no item .*: its classes are 77;"):
        measure(snapshot, far, 0.01)


@pytest.mark.parametrize("rate", [-0.1, 1.0, math.nan])
def test_rates_that_are_none(rate) -> None:
    with pytest.raises(UserError, match="--false-alarms is"):
        check_rate(rate)
