"""Mined triplets against loops in float64: ties, NaN, rows left out, threads."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.losses import triplet_mining as kernels
from tests.reference import triplet as reference

SEARCHES = {
    "BATCH_ALL": kernels.batch_all,
    "BATCH_HARD": kernels.batch_hard,
    "BATCH_SEMIHARD": kernels.batch_semihard,
}
PLAIN = (False, 1.1, 4.0, 4.0, 1e-8)


def _search(name: str, x: Any, labels: Any, counted: Any = None, squared: bool = True) -> Any:
    """(sum, number, slopes) of the standard cost."""
    distance = np.full((len(x), len(x)), np.nan)
    kernels.all_distances(x, squared, distance)
    slopes = np.zeros_like(distance)
    here = np.ones(len(x), np.bool_) if counted is None else counted
    return (*SEARCHES[name](distance, labels, here, *PLAIN, slopes), slopes)


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("classes", [1, 2, 4, 20])
def test_mean_equals_reference(name: str, squared: bool, classes: int) -> None:
    rng = np.random.default_rng(classes)
    x = rng.normal(size=(14, 3)).astype(np.float32)
    labels = rng.integers(0, classes, 14)
    total, count, _ = _search(name, x, labels, squared=squared)
    wanted = reference.SEARCHES[name](x, labels, reference.Form(squared))
    assert total / max(1, count) == pytest.approx(wanted, rel=1e-12)


def test_semihard_takes_the_next_farther_one_else_the_farthest() -> None:
    """Anchor 0 with its positive at 2: negatives at 1, 3, 5; then at 0.5 and 1 only."""
    labels = np.array([0, 0, 1, 1, 1])
    near = np.array([[0.0], [2.0], [1.0], [3.0], [5.0]])
    distance = np.abs(near - near.T)
    counted = np.ones(5, np.bool_)
    assert kernels.semihard_negative(distance, labels, counted, 0, 1) == 3
    near = np.array([[0.0], [2.0], [0.5], [1.0], [1.0]])
    distance = np.abs(near - near.T)
    assert kernels.semihard_negative(distance, labels, counted, 0, 1) == 3


def test_of_equals_the_first_row_counts() -> None:
    x = np.array([[0.0], [1.0], [-1.0], [2.0], [-2.0]])
    _, count, slopes = _search("BATCH_HARD", x, np.array([0, 0, 0, 1, 2]))
    assert count == 3
    assert slopes[0].tolist() == [0, 0, 0, 0, 0]  # 1 - 4 + 1.1 < 0
    x = np.array([[0.0], [1.0], [-1.0], [1.2], [-1.2]])
    _, _, slopes = _search("BATCH_HARD", x, np.array([0, 0, 0, 1, 2]))
    assert slopes[0].tolist() == [0, 1, 0, -1, 0]


@pytest.mark.parametrize("name", SEARCHES)
def test_rows_that_do_not_count_are_as_if_absent(name: str) -> None:
    rng = np.random.default_rng(5)
    x, labels = rng.normal(size=(10, 2)), rng.integers(0, 3, 10)
    counted = rng.random(10) < 0.7
    total, count, slopes = _search(name, x, labels, counted)
    assert _search(name, x[counted], labels[counted])[:2] == pytest.approx((total, count))
    assert not slopes[~counted].any()
    assert not slopes[:, ~counted].any()


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("row", [0, 4, 7])
def test_nan_is_seen(name: str, row: int) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(8, 2))
    x[row, 1] = np.nan
    assert np.isnan(_search(name, x, np.arange(8) % 2)[0])


@pytest.mark.parametrize("name", SEARCHES)
def test_bits_do_not_depend_on_threads(name: str) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 8)).astype(np.float32)
    labels = rng.integers(0, 5, 40)
    before = numba.get_num_threads()
    found = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        total, count, slopes = _search(name, x, labels)
        dx = np.empty_like(x)
        distance = np.empty((40, 40))
        kernels.all_distances(x, True, distance)
        kernels.mined_gradient(x, distance, slopes, True, 1 / count, dx)
        found.append((total, dx.tobytes()))
    numba.set_num_threads(before)
    assert found[0] == found[1]
