from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.pycaffe.pictures import load_image, oversample

RGB = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [51, 102, 153]]], dtype=np.uint8)


def saved(tmp_path, image, name="picture.png"):
    image.save(tmp_path / name)
    return str(tmp_path / name)


def test_colours_are_red_first_and_in_0_to_1(tmp_path: Path) -> None:
    found = load_image(saved(tmp_path, Image.fromarray(RGB)))
    assert found.dtype == np.float32
    assert np.array_equal(found, RGB.astype(np.float32) / np.float32(255))


def test_gray_of_colours_has_one_channel(tmp_path: Path) -> None:
    gray = load_image(saved(tmp_path, Image.fromarray(RGB)), color=False)
    assert gray.shape == (2, 2, 1)
    wanted = [0.2125, 0.7154, 0.0721, 0.2125 * 0.2 + 0.7154 * 0.4 + 0.0721 * 0.6]
    assert np.allclose(gray.ravel(), wanted, atol=1e-6)


def test_gray_pictures_are_tiled_where_colours_are_wanted(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(np.array([[0, 51], [102, 255]], dtype=np.uint8)))
    assert load_image(path, color=False).shape == (2, 2, 1)
    assert np.allclose(load_image(path)[:, :, 2], [[0, 0.2], [0.4, 1]])


def test_transparency_is_dropped(tmp_path: Path) -> None:
    clear = Image.fromarray(np.dstack([RGB, np.zeros((2, 2), np.uint8)]), "RGBA")
    assert np.array_equal(load_image(saved(tmp_path, clear)), RGB.astype(np.float32) / 255)
    faint = Image.merge("LA", [Image.new("L", (3, 2), 255), Image.new("L", (3, 2), 0)])
    assert np.array_equal(load_image(saved(tmp_path, faint), color=False), np.ones((2, 3, 1)))


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "L"])
def test_other_modes_are_what_they_show(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGB", (4, 3), "white").convert(mode)
    found = load_image(saved(tmp_path, image, "picture.tif"))
    assert np.array_equal(found, np.ones((3, 4, 3)))


def test_sixteen_bits(tmp_path: Path) -> None:
    deep = Image.fromarray(np.array([[0, 65535], [32768, 13107]], dtype=np.uint16))
    found = load_image(saved(tmp_path, deep), color=False)
    assert np.allclose(found[:, :, 0], [[0, 1], [32768 / 65535, 0.2]])


def test_a_missing_file_and_no_picture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_image(str(tmp_path / "nowhere.jpg"))
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(OSError, match=r"text\.jpg"):
        load_image(tmp_path / "text.jpg")


def test_ten_crops_of_every_picture() -> None:
    images = np.random.default_rng(3).random((2, 6, 9, 3))
    crops = oversample(images, (4, 4)).reshape(2, 10, 4, 4, 3)
    assert crops.dtype == np.float32
    for image, own in zip(images.astype(np.float32), crops, strict=True):
        corners = [image[:4, :4], image[:4, 5:], image[2:, :4], image[2:, 5:], image[1:5, 2:6]]
        for number, wanted in enumerate(corners):
            assert np.array_equal(own[number], wanted)
            assert np.array_equal(own[number + 5], wanted[:, ::-1])


def test_crops_larger_than_the_picture() -> None:
    with pytest.raises(ValueError, match="crops of 4x7 from pictures of 5x6"):
        oversample([np.zeros((5, 6, 3))], np.array([4, 7]))
