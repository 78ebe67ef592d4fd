import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from sklearn.metrics import roc_auc_score, roc_curve

from mycaffe_py.evaluate.threshold.roc import Share, roc, threshold_for

# Few values, so that ties are common.
DISTANCES = st.lists(st.integers(0, 12).map(float), min_size=1, max_size=25).map(np.array)


def slow(same, different):
    """Curve and area by counting, threshold by threshold and pair by pair."""
    thresholds = [-math.inf, *sorted({*same.tolist(), *different.tolist()})]
    alarms = [sum(d > t for d in same) / len(same) for t in thresholds]
    misses = [sum(d <= t for d in different) / len(different) for t in thresholds]
    wins = sum((s < d) + 0.5 * (s == d) for s in same for d in different)
    return thresholds, alarms, misses, wins / (len(same) * len(different))


@given(DISTANCES, DISTANCES)
def test_curve_and_area_as_counted(same, different) -> None:
    found = roc(same, different)
    thresholds, alarms, misses, auc = slow(same, different)
    assert found.thresholds.tolist() == thresholds
    np.testing.assert_allclose(found.false_alarms, alarms, atol=1e-12)
    np.testing.assert_allclose(found.misses, misses, atol=1e-12)
    assert found.auc == pytest.approx(auc)
    assert (found.same_n, found.different_n) == (len(same), len(different))


@given(DISTANCES, DISTANCES)
def test_equal_error_lies_on_the_curve_where_both_errors_are_equal(same, different) -> None:
    found = roc(same, different)
    place = found.thresholds.tolist().index(found.eer_threshold)
    assert found.misses[place] >= found.false_alarms[place]
    assert found.misses[place - 1] < found.false_alarms[place - 1]

    def gap(alarms):
        points = np.interp(alarms, found.false_alarms[[place, place - 1]],
                           found.misses[[place, place - 1]])  # fmt: skip
        return points - alarms

    low, high = found.false_alarms[[place, place - 1]]
    if low < high:
        assert gap(found.eer) == pytest.approx(0, abs=1e-12)
    else:
        assert found.eer == pytest.approx(low)
    assert found.misses[place - 1] - 1e-12 <= found.eer <= found.misses[place] + 1e-12


def test_as_scikit_learn() -> None:
    numbers = np.random.default_rng(3)
    same, different = numbers.gamma(2, 1, 700), numbers.gamma(4, 1, 400)
    truth = np.r_[np.ones(700), np.zeros(400)]
    score = -np.r_[same, different]
    accepted, right, limits = roc_curve(truth, score, drop_intermediate=False)
    found = roc(same, different)
    np.testing.assert_allclose(found.misses, accepted)
    np.testing.assert_allclose(1 - found.false_alarms, right)
    np.testing.assert_array_equal(found.thresholds, -limits)
    assert found.auc == pytest.approx(roc_auc_score(truth, score))
    eer = brentq(lambda rate: 1 - rate - np.interp(rate, accepted, right), 0, 1)
    # The curve is a staircase, on which brentq may stop anywhere in a step's height.
    assert found.eer == pytest.approx(eer, abs=1 / 400)


def test_apart_and_the_wrong_way_round() -> None:
    apart = roc(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert (apart.auc, apart.eer, apart.eer_threshold) == (1, 0, 2)
    wrong = roc(np.array([3.0, 4.0]), np.array([1.0, 2.0]))
    assert (wrong.auc, wrong.eer) == (0, 1)
    alike = roc(np.ones(3), np.ones(5))
    assert (alike.auc, alike.eer) == (0.5, 0.5)


def test_nothing_to_compare_is_not_measured() -> None:
    found = roc(np.array([1.0]), np.empty(0))
    assert math.isnan(found.auc) and math.isnan(found.eer) and not len(found.thresholds)
    assert (found.same_n, found.different_n) == (1, 0)
    with pytest.raises(ValueError, match="not a number"):
        roc(np.array([np.nan]), np.ones(1))


@given(DISTANCES, st.floats(0, 0.999))
def test_threshold_keeps_the_rate_and_none_smaller_does(same, rate) -> None:
    found = threshold_for(same, rate)
    assert np.mean(same > found) <= rate + 1e-9
    below = [d for d in same.tolist() if d < found]
    if below:
        assert np.mean(same > max(below)) > rate - 1e-9


def test_whole_numbers_are_not_lost_to_rounding() -> None:
    assert threshold_for(np.arange(100.0), 0.29) == 70
    assert threshold_for(np.arange(99.0), 0.01) == 98


def test_shares() -> None:
    # R: binom::binom.confint(1, 20, methods = "wilson")
    assert Share(1, 20).rate == 0.05
    assert Share(1, 20).interval == pytest.approx((0.008881, 0.236131), abs=1e-6)
    assert Share(0, 10).interval[0] == 0
    assert math.isnan(Share(0, 0).rate) and math.isnan(Share(0, 0).interval[1])
