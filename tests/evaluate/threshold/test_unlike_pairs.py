from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.evaluate.threshold.unlike_pairs import check_far, like_and_unlike, threshold_at
from mycaffe_py.trained.snapshot import open_snapshot

LIKE = np.array([1.0, 2.0, 3.0, 9.0])
UNLIKE = np.arange(2.5, 12.5)


def test_at_most_the_wished_share_is_accepted_and_as_many_like_pairs_as_that_allows() -> None:
    assert threshold_at(0.05, LIKE, UNLIKE) == 2.0
    # 2.5 may be accepted, 3.5 may not.
    assert threshold_at(0.1, LIKE, UNLIKE) == 3.0
    assert threshold_at(0.69, LIKE, UNLIKE) == 3.0
    # 0.7 * 10 is 7 and not a little less: 2.5 to 8.5 may be accepted.
    assert threshold_at(0.7, LIKE, UNLIKE) == 9.0


def test_a_tie_with_a_refused_pair_is_refused() -> None:
    assert threshold_at(0.1, np.array([1.0, 3.5]), UNLIKE) == 1.0


def test_where_every_like_pair_is_too_far_the_threshold_lies_below_what_is_refused() -> None:
    found = threshold_at(0.1, np.array([30.0]), UNLIKE)
    assert found < 3.5 and found == pytest.approx(3.5)
    assert threshold_at(0.1, np.array([30.0]), np.zeros(5)) == 0


def test_an_item_of_a_class_never_trained_is_unlike_every_class() -> None:
    distances = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    like, unlike = like_and_unlike(distances, np.array([3, 7]), np.array([7, 3, 8]))
    assert like.tolist() == [2, 3]
    assert unlike.tolist() == [1, 4, 5, 6]


@pytest.mark.parametrize("far", [0, 1, -0.1, float("nan")])
def test_a_rate_is_between_0_and_1(far) -> None:
    with pytest.raises(UserError, match="--far is"):
        check_far(far)


@pytest.mark.slow
def test_a_snapshot_keeps_the_rate_on_the_items_it_is_measured_on(siamese_snapshot: Path) -> None:
    snapshot = open_snapshot(siamese_snapshot)
    found = measure(snapshot, open_source("digits28.testing"), 0.01, far=0.01)
    assert found.false_accepts is not None
    accepted = found.false_accepts.found
    assert accepted.n == 360 * 9
    assert 0 < accepted.rate <= 0.01
    report = ThresholdReport(found, snapshot)
    assert report.as_json()["false_accepts_wished"] == 0.01
    assert f"({accepted.count:,} of 3,240; 1 % wished)" in "\n".join(report.lines())


@pytest.mark.slow
def test_items_of_one_class_of_a_net_of_one_have_no_unlike_pair(siamese_snapshot: Path) -> None:
    with pytest.raises(UserError, match="there is no unlike pair"):
        threshold_at(0.1, LIKE, np.empty(0))
    source = open_source("digits28.testing")
    few = np.flatnonzero(source.labels == 3)[:5]
    mine = make_source("MINE.x", source.images[few], source.labels[few])
    found = measure(open_snapshot(siamese_snapshot), mine, 0.01, far=0.001)
    assert found.false_accepts is not None and found.false_accepts.too_few
    assert "cannot show a rate of 0.1 % (at least 1,000 can)" in "\n".join(
        ThresholdReport(found, open_snapshot(siamese_snapshot)).lines()
    )
