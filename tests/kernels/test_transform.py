import numpy as np
import pytest

from mycaffe_py.kernels.transform import transform_images, warp_images
from tests.reference import transform as reference

N, K, C, H, W = 3, 2, 2, 9, 7
# More images are stored than wanted, and one is wanted twice.
RECORDS = np.array([4, 7, 0, 2, 2, 6])
EVERY = np.arange(N * K)


def _images(dtype, count=N * K):
    numbers = np.random.default_rng(3)
    return numbers.integers(0, 256, (count, C, H, W)).astype(dtype)


def _mean():
    return np.random.default_rng(4).random((C, H, W)).astype(np.float32) * 200


MIRROR = np.array([0, 1, 1, 0, 0, 1], dtype=bool)
CORNER = np.array([[0, 0], [1, 2], [4, 2], [2, 1], [3, 0], [0, 1]])


@pytest.mark.parametrize("stored", [np.uint8, np.float32])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_transform_images(stored, dtype) -> None:
    y = np.full((N, K, C, 5, 5), np.nan, dtype)
    images, mean = _images(stored, 8), _mean().astype(dtype)
    transform_images(images, RECORDS, mean, dtype(0.25), MIRROR, CORNER, y)
    wanted = reference.transform(images[RECORDS], _mean(), 0.25, MIRROR, CORNER, (5, 5))
    np.testing.assert_allclose(y.reshape(N * K, C, 5, 5), wanted, rtol=1e-6, atol=1e-5)


def _matrices():
    numbers = np.random.default_rng(5)
    matrix = np.tile(np.eye(2, 3), (N * K, 1, 1)) + numbers.normal(size=(N * K, 2, 3)) * 0.2
    matrix[:, :, 2] += numbers.uniform(-4, 4, (N * K, 2))
    return matrix


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_warp_images(dtype) -> None:
    y = np.full((N, K, C, 5, 5), np.nan, dtype)
    images, mean, matrix = _images(np.uint8, 8), _mean().astype(dtype), _matrices().astype(dtype)
    gain = np.linspace(0.5, 1.5, N * K * C).reshape(N * K, C).astype(dtype)
    warp_images(images, RECORDS, mean, dtype(0.25), MIRROR, CORNER, matrix, gain, dtype(30), y)
    warped = reference.warp(images[RECORDS], matrix.astype(float), 30)
    warped *= gain.astype(float)[:, :, None, None]
    wanted = reference.transform(warped, _mean(), 0.25, MIRROR, CORNER, (5, 5))
    rtol = 1e-3 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(y.reshape(N * K, C, 5, 5), wanted, rtol=rtol, atol=rtol)


def test_warp_far_outside_is_fill() -> None:
    images = _images(np.uint8)
    matrix = np.tile(np.eye(2, 3), (N * K, 1, 1))
    matrix[:, :, 2] = 1e6
    y = np.full((N, K, C, H, W), np.nan)
    none = np.zeros((N * K, 2), dtype=np.int64)
    never, ones = np.zeros(N * K, bool), np.ones((N * K, C))
    warp_images(images, EVERY, np.zeros((C, H, W)), 1.0, never, none, matrix, ones, 7.0, y)
    assert (y == 7).all()


def test_warp_by_identity_is_exact() -> None:
    images = _images(np.uint8)
    matrix = np.tile(np.eye(2, 3), (N * K, 1, 1))
    y = np.full((N, K, C, H, W), np.nan)
    none = np.zeros((N * K, 2), dtype=np.int64)
    never, ones = np.zeros(N * K, bool), np.ones((N * K, C))
    warp_images(images, EVERY, np.zeros((C, H, W)), 1.0, never, none, matrix, ones, 7.0, y)
    assert np.array_equal(y.reshape(images.shape), images)
