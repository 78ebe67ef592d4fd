"""Course: the formula, a relation that breaks, and windows that leave nothing to measure."""

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.trained.course import Course

STEPS, COUNTERS = 12, 3


def _windows(seed: int, count: int, sign: float = 1) -> np.ndarray:
    """(count, STEPS, 3): two wandering counters, and one that is their sum or difference."""
    numbers = np.random.default_rng(seed)
    two = numbers.standard_normal((count, STEPS, 2)).cumsum(axis=1)
    three = two[..., :1] + sign * two[..., 1:] + 0.05 * numbers.standard_normal((count, STEPS, 1))
    return np.concatenate([two, three], axis=2).astype(np.float32)


def _as_a_student_would(own: np.ndarray, asked: np.ndarray) -> list[float]:
    """The formula of the module, window by window and step by step."""
    unit = np.sqrt(np.mean([own[..., k].astype(np.float64).var() for k in range(COUNTERS)]))
    own, asked = own.astype(np.float64) / unit, asked.astype(np.float64) / unit

    def given(window: np.ndarray, step: int) -> np.ndarray:
        return np.concatenate([window[step - 1], window[step - 2], [1]])

    steps = range(2, STEPS)
    rows = np.array([given(window, step) for window in own for step in steps])
    wanted = np.array([window[step] for window in own for step in steps])
    foretell = np.linalg.solve(rows.T @ rows, rows.T @ wanted)
    spread = np.cov((wanted - rows @ foretell).T, bias=True) + 1e-4 * np.eye(COUNTERS)

    def numbers(window: np.ndarray) -> np.ndarray:
        left = [window[step] - given(window, step) @ foretell for step in steps]
        z = np.clip(left @ np.linalg.cholesky(np.linalg.inv(spread)), -50, 50)
        square = (z**2).mean(axis=0)
        along = np.mean([z[k] * z[k - 1] for k in range(1, len(z))], axis=0)
        largest = np.abs(z).max(axis=0)
        return np.concatenate(
            [
                z.mean(axis=0),
                np.log(square + 1e-3),
                np.log(largest + 1e-2),
                along / (square + 1e-3),
                window.mean(axis=0),
            ]
        )

    all_own = np.array([numbers(window) for window in own])
    mean, deviation = all_own.mean(axis=0), np.maximum(all_own.std(axis=0), 1e-2)
    rows = (all_own - mean) / deviation
    own_spread = np.cov(rows.T, bias=True)
    even = np.trace(own_spread) / len(own_spread) * np.eye(len(own_spread))
    inverse = np.linalg.inv(0.9 * own_spread + 0.1 * even)
    apart = [(numbers(window) - mean) / deviation - rows.mean(axis=0) for window in asked]
    return [float(one @ inverse @ one) for one in apart]


def test_the_score_is_that_of_the_formula() -> None:
    own, asked = _windows(1, 60), np.concatenate([_windows(2, 5), _windows(3, 5, -1)])
    np.testing.assert_allclose(Course(own).of(asked), _as_a_student_would(own, asked), rtol=1e-6)


def test_a_relation_that_breaks_is_strange_though_no_counter_alone_is() -> None:
    course = Course(_windows(1, 300))
    known, broken = course.of(_windows(2, 300)), course.of(_windows(3, 300, -1))
    assert (broken > np.quantile(known, 0.99)).all()


def test_an_answer_depends_on_its_window_alone() -> None:
    course, asked = Course(_windows(1, 60)), _windows(2, 7)
    one_by_one = [course.of(asked[k : k + 1])[0] for k in range(7)]
    np.testing.assert_allclose(course.of(asked), one_by_one, rtol=1e-9)


@pytest.mark.parametrize("count", [1, 2, 60])
def test_counters_that_stand_still_leave_finite_numbers(count: int) -> None:
    own = np.zeros((count, STEPS, COUNTERS), np.uint8)
    own[..., 0] = np.arange(STEPS)
    course = Course(own)
    assert course.of(own).max() < 1e-3
    other = own.copy()
    other[..., 1] = 200
    assert np.isfinite(course.of(other)).all()
    assert course.of(other).min() > course.of(own).max()


def test_windows_of_too_few_steps_are_told() -> None:
    with pytest.raises(UserError, match="windows have 3 steps"):
        Course(np.zeros((5, 3, COUNTERS), np.float32))
