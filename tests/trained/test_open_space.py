"""How far a class enrolled by a few examples reaches."""

import numpy as np
import pytest

from mycaffe_py.trained.open_space import (
    enrolled_limit,
    floor_between,
    hardly_nearer,
    saturated,
)

CORNERS = np.array([[0, 0, 0], [1, 1, 1], [1, 0, 1], [0, 1, 0]], np.float32)


def one(*point):
    return np.array([point], np.float32)


def test_the_floor_is_midway_in_orders_of_magnitude() -> None:
    assert floor_between(1e-6, np.array([0.5, 1.0, 7.0])) == pytest.approx(1e-3)
    assert floor_between(0.25, np.array([1.0])) == pytest.approx(0.5)


def test_the_floor_is_not_below_the_threshold() -> None:
    """Where items of one class lie farther apart than those of different ones."""
    assert floor_between(2.8, np.array([1.4])) == 2.8


def test_classes_collapsed_to_points_leave_a_floor() -> None:
    """With a spread of nothing the midpoint would be 0, and everything new unknown."""
    assert floor_between(0.0, np.array([2.0])) == pytest.approx(0.002)
    assert floor_between(0.3, np.empty(0)) == 0.3


def test_a_class_beside_collapsed_ones_reaches_into_the_open_space() -> None:
    """Trained items lie within 1e-6 of their corners; a new class is 0.14 away from one."""
    limit = enrolled_limit(1e-3, one(0.9, 0.0, 0.9), CORNERS)
    assert limit == pytest.approx(0.02 / 16)
    assert limit > 0.0004


@pytest.mark.parametrize(("floor", "limit"), [(0.3, 0.3), (0.0, 0.75 / 16)])
def test_the_largest_counts(floor: float, limit) -> None:
    middle = one(0.5, 0.5, 0.5)
    assert enrolled_limit(floor, middle, CORNERS) == pytest.approx(limit)


def test_several_examples_tell_of_their_own_spread() -> None:
    """Of (0, 4, 8) the outer ones lie 6 from the mean of the two others."""
    examples = np.array([[0.0], [4.0], [8.0]], np.float32)
    assert enrolled_limit(0.2, examples, one(4.0)) == pytest.approx(36)
    same = np.repeat(one(4.0), 3, axis=0)
    assert enrolled_limit(0.2, same, one(4.0)) == pytest.approx(0.2)


def test_half_the_squared_distance_to_another_class_is_the_end() -> None:
    assert not hardly_nearer(0.499, 1.0)
    assert hardly_nearer(0.501, 1.0)


def test_features_on_one_point_are_saturated() -> None:
    apart = np.array([0.9, 1.0, 1.1])
    assert saturated(np.array([1e-7, 2e-7, 0.5]), apart)
    assert saturated(np.zeros(3), apart)
    assert not saturated(np.array([1e-7, 2e-3, 3e-3]), apart)
    assert not saturated(np.zeros(3), np.empty(0))
