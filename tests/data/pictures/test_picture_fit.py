import numpy as np
import pytest

from mycaffe_py.data.pictures.picture_fit import fitted


def _halves(height, width, left=200, right=50):
    image = np.full((3, height, width), left, np.uint8)
    image[:, :, width // 2 :] = right
    return image


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop", "ink"])
def test_the_right_size_is_left_alone(fit: str) -> None:
    image = _halves(6, 8)[:1]
    assert fitted(image, fit, 6, 8) is image


def test_stretched_pictures_keep_everything_and_lose_their_shape() -> None:
    out = fitted(_halves(10, 40), "stretch", 10, 10)
    assert out[0, 5, 0] == 200 and out[0, 5, -1] == 50


def test_padded_pictures_keep_their_shape_on_paper_of_their_border() -> None:
    image = np.full((1, 10, 40), 90, np.uint8)
    image[0, 3:7, 10:30] = 255
    out = fitted(image, "pad", 20, 20)[0]
    assert (out[:7] == 90).all() and (out[13:] == 90).all()
    assert out[10, 10] > 150


def test_cropped_pictures_keep_their_shape_and_lose_their_sides() -> None:
    image = np.full((1, 10, 40), 90, np.uint8)
    image[0, :, :12] = 0
    image[0, :, 28:] = 255
    assert (fitted(image, "crop", 10, 10) == 90).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3), (3000, 7)])
@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_shape_can_be_fitted(fit: str, size: tuple[int, ...], channels: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (channels, *size), np.uint8)
    assert fitted(image, fit, 28, 20).shape == (channels, 28, 20)
    blank = np.full((channels, *size), 77, np.uint8)
    assert (fitted(blank, fit, 28, 20) == 77).all()
