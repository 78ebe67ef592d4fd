import numpy as np
import pytest

from mycaffe_py.evaluate.pictures.projection import to_plane


def test_two_numbers_are_drawn_as_they_are() -> None:
    features = np.array([[1, 2], [3, 4]], np.float32)
    plane = to_plane(features, features[:1])
    assert (plane.points == features).all()
    assert (plane.centroids == features[:1]).all()
    assert plane.axes == "the 2-D feature as it is"


def test_one_number_is_drawn_along_a_line() -> None:
    plane = to_plane(np.array([[1], [3]], np.float32), np.array([[2]], np.float32))
    assert plane.points.tolist() == [[1, 0], [3, 0]]


def test_wider_features_keep_the_two_directions_that_vary_most() -> None:
    generator = np.random.default_rng(1)
    flat = generator.normal(size=(500, 2)) * [5, 2]
    turn, _ = np.linalg.qr(generator.normal(size=(6, 6)))
    features = flat @ turn[:2] + 7
    plane = to_plane(features, features[:3])
    assert plane.axes == "PCA of the 6-D feature, 100 % of its variance"
    assert plane.points.var(axis=0, ddof=1) == pytest.approx(
        np.linalg.eigvalsh(np.cov(flat, rowvar=False))[::-1]
    )
    assert plane.centroids == pytest.approx(plane.points[:3])


def test_features_without_any_variance() -> None:
    plane = to_plane(np.ones((5, 3), np.float32), np.ones((2, 3), np.float32))
    assert np.isfinite(plane.points).all()
