import numpy as np
import pytest

from mycaffe_py.data.pictures.bilinear import cover, resize

RANDOM = np.random.default_rng(5)

# Recorded from OpenCV 5.0.0: cv2.resize(image, (width, height)).
IMAGE = [[0, 1, 4, 9, 16], [25, 36, 49, 64, 81], [100, 121, 144, 169, 196], [225, 0, 33, 68, 105]]
RESIZED = {
    (2, 3): [[14, 27, 44], [128, 89, 140]],
    (7, 6): [
        [0, 1, 3, 6, 11, 16],
        [9, 12, 17, 23, 31, 39],
        [23, 31, 40, 52, 64, 76],
        [63, 74, 89, 105, 122, 139],
        [109, 111, 126, 147, 169, 189],
        [180, 77, 60, 86, 112, 137],
        [225, 56, 19, 47, 77, 105],
    ],
    (3, 5): [[4, 7, 11, 18, 27], [63, 79, 97, 117, 139], [204, 20, 51, 85, 120]],
}


@pytest.mark.parametrize("size", RESIZED)
def test_resizing_is_opencvs(size) -> None:
    image = np.array([IMAGE, IMAGE[::-1]], dtype=np.uint8)
    resized = resize(image, *size)
    assert resized.dtype == np.uint8
    assert np.array_equal(resized[0], RESIZED[size])


def test_resizing_to_the_same_size_and_of_one_pixel() -> None:
    image = np.array([IMAGE], dtype=np.uint8)
    assert np.array_equal(resize(image, 4, 5), image)
    assert resize(np.full((2, 1, 1), 7, np.uint8), 3, 4).tolist() == [[[7] * 4] * 3] * 2
    assert resize(image, 1, 1).shape == (1, 1, 1)


def test_resizing_is_bilinear() -> None:
    image = RANDOM.integers(0, 256, (1, 9, 7)).astype(np.uint8)
    height, width = 5, 12
    wanted = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            y = min(max((i + 0.5) * 9 / height - 0.5, 0), 8)
            x = min(max((j + 0.5) * 7 / width - 0.5, 0), 6)
            y0, x0 = min(int(y), 7), min(int(x), 5)
            patch = image[0, y0 : y0 + 2, x0 : x0 + 2].astype(float)
            rows = patch[:, 0] + (patch[:, 1] - patch[:, 0]) * (x - x0)
            wanted[i, j] = rows[0] + (rows[1] - rows[0]) * (y - y0)
    assert abs(resize(image, height, width)[0] - wanted).max() < 0.7


def test_floats_are_mixed_to_their_last_place() -> None:
    image = RANDOM.random((2, 9, 7))
    exact = resize(image, 13, 4)
    assert exact.dtype == np.float64
    assert resize(image.astype(np.float32), 13, 4).dtype == np.float32
    assert abs(resize((image * 255).astype(np.uint8), 13, 4) / 255 - exact).max() < 1.5 / 255
    # A slope stays one between the centres of its first and last pixels.
    slope = np.tile(np.arange(8.0), (1, 3, 1))
    assert np.allclose(resize(slope, 3, 16)[0, 0, 1:-1], np.arange(0.25, 7, 0.5))


def test_what_covers_a_size_keeps_its_shape_and_its_middle() -> None:
    image = np.zeros((1, 6, 12), np.uint8)
    image[0, 2:4, 5:7] = 255
    small = cover(image, 3, 3)
    assert small.shape == (1, 3, 3)
    assert np.array_equal(small, small[:, ::-1]) and small[0, 1, 1] > 0
    assert np.array_equal(cover(image, 6, 4), image[:, :, 4:8])
    assert cover(image, 6, 12) is image
