"""A stack of pictures is read to the pixel as files of them are."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.picture import flat_of, open_flat, read_as
from mycaffe_py.data.pictures.picture_record import (
    ALWAYS,
    LIGHT_BORDERS,
    NEVER,
    PictureRecord,
)
from mycaffe_py.data.pictures.picture_stack import EmptyInStackError, read_stack

RANDOM = np.random.default_rng(3)


def stack(height, width, channels):
    """Dark and light pictures, some of one bright spot."""
    made = RANDOM.integers(0, 255, (6, height, width, channels), np.uint8)
    made[:2] //= 4
    made[2:4] = 255 - made[2:4] // 4
    made[4] = 0
    made[4, :, :, 3:] = 255
    made[4, height // 2 :, width // 3] = 255
    return made


def as_files(folder: Path, pixels, record):
    read = []
    for picture in pixels:
        Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).save(
            folder / "one.png"
        )
        read.append(read_as(folder / "one.png", record).pixels)
    return np.stack(read)


@pytest.mark.parametrize("size", [(12, 10), (25, 17)])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("invert", [NEVER, ALWAYS, LIGHT_BORDERS])
@pytest.mark.parametrize("fit", ["stretch", "pad", "ink"])
def test_as_files(tmp_path: Path, size, channels: int, invert: str, fit: str) -> None:
    pixels = stack(*size, channels)
    for gray in (True, False):
        record = PictureRecord(10, 12, gray, fit=fit, invert=invert)
        assert np.array_equal(read_stack(pixels, record), as_files(tmp_path, pixels, record))


@pytest.mark.parametrize("size", [(10, 12), (20, 20)])
def test_the_empty_one_is_named(size) -> None:
    pixels = stack(size[1], size[0], 1)
    pixels[3] = 7
    record = PictureRecord(10, 12, True, fit="ink")
    with pytest.raises(EmptyInStackError, match="picture 3 is empty"):
        read_stack(pixels, record)
    plain = dataclasses.replace(record, fit="stretch")
    assert (read_stack(pixels, plain)[3] == 7).all()


def test_an_image_of_a_program_stays_as_it_is(tmp_path: Path) -> None:
    """It is turned as its camera says, as a file is, but not in its place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stack(5, 9, 3)[0]).save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as image:
        made = flat_of(image, gray=False).pixels
        assert image.size == (9, 5)
    assert np.array_equal(made, open_flat(tmp_path / "turned.png", gray=False).pixels)
    assert made.shape == (3, 9, 5)


def test_colours_of_16_bits_are_read_from_their_file(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), RANDOM.integers(0, 4000, (6, 5, 3)).astype(np.uint16))
    with Image.open(path) as image:
        made = flat_of(image, False, (0, 4000)).pixels
    assert np.array_equal(made, open_flat(path, False, (0, 4000)).pixels)
    assert made.max() > 200
