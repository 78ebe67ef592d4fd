import numpy as np
import pytest

from mycaffe_py.evaluate.film.space import to_space


@pytest.mark.parametrize("width", [2, 3])
def test_two_and_three_dimensions_stay_as_they_are(width: int) -> None:
    points = np.random.default_rng(0).normal(size=(3, 5, width)).astype(np.float32)
    space = to_space(list(points), list(points[:, :2]))
    assert np.array_equal(space.points, points)
    assert np.array_equal(space.centroids, points[:, :2])
    assert len(space.axes) == width


def test_one_dimension_is_a_line() -> None:
    space = to_space([np.array([[1.0], [3.0]])], [np.array([[2.0]])])
    assert space.points.tolist() == [[[1, 0], [3, 0]]]


def test_wide_features_are_projected_by_the_last_frame_alone() -> None:
    numbers = np.random.default_rng(1)
    turn, _ = np.linalg.qr(numbers.normal(size=(10, 10)))
    last = numbers.normal(size=(400, 10)) * [9, 5, 3, 1, 0, 0, 0, 0, 0, 0] @ turn
    first = numbers.normal(size=(400, 10))
    space = to_space([first, last], [last[:2] * np.nan, last[:2]])
    share = np.linalg.eigvalsh(np.cov(last, rowvar=False))
    assert f" {100 * share[-3:].sum() / share.sum():.0f} % of its variance" in space.told
    assert space.points[1].var(axis=0, ddof=1) == pytest.approx(share[:-4:-1], rel=1e-4)
    # One map for all frames: what is equal in two frames lies at the same place.
    again = to_space([last, last], [last[:2], last[:2]])
    assert np.array_equal(again.points[0], space.points[1])
    assert np.array_equal(space.centroids[1], space.points[1][:2])
    assert np.isnan(space.centroids[0]).all()
