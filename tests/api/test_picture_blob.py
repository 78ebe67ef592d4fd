"""Blobs of pictures are those of cv2.dnn.blobFromImage: bytes to the bit, floats to rounding."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mycaffe_py import blob_from_image, blob_from_images
from mycaffe_py.errors import UserError

RANDOM = np.random.default_rng(19)
# (width, height): of the picture, and asked for. They shrink, grow, do both, and stay.
SIZES = [
    ((40, 30), (20, 15)), ((41, 31), (12, 17)), ((7, 5), (31, 12)), ((50, 20), (20, 50)),
    ((3, 2), (2, 3)), ((1, 1), (4, 3)), ((300, 200), (227, 227)), ((24, 24), (24, 24)),
]  # fmt: skip
MEANS = {1: (97.5,), 3: (104, 117.25, 123), 4: (104, 117, 123, 3)}


def _bytes(size: tuple[int, int], channels: int) -> np.ndarray:
    return RANDOM.integers(0, 256, (size[1], size[0], channels)).astype(np.uint8)


@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("before", "after"), SIZES)
def test_bytes_are_opencvs_to_the_bit(before, after, channels: int, crop: bool) -> None:
    picture = _bytes(before, channels)
    for swap in (False, True):
        theirs = cv2.dnn.blobFromImage(picture, 0.017, after, MEANS[channels], swap, crop)
        ours = blob_from_image(picture, 0.017, after, MEANS[channels], swap, crop)
        assert ours.dtype == np.float32
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize(("before", "after"), [pair for pair in SIZES if pair[0] != (1, 1)])
def test_floats_are_opencvs(before, after, crop: bool, kind: type) -> None:
    for channels in (1, 3):
        picture = RANDOM.random((before[1], before[0], channels)).astype(kind)
        theirs = cv2.dnn.blobFromImage(picture, 2.0, after, (0.4, 0.5, 0.6), True, crop)
        ours = blob_from_image(picture, 2.0, after, (0.4, 0.5, 0.6)[:channels], True, crop)
        assert abs(ours - theirs).max() <= 1e-6


def test_the_size_of_the_picture_stays_where_none_is_said() -> None:
    picture = _bytes((9, 6), 3)
    assert np.array_equal(blob_from_image(picture), cv2.dnn.blobFromImage(picture))
    assert blob_from_image(picture[:, :, 0]).shape == (1, 1, 6, 9)


def test_several_pictures_become_one_blob() -> None:
    pictures = [_bytes((9, 6), 3), _bytes((20, 11), 3)]
    for size in (None, (8, 8)):
        asked = () if size is None else (1.0, size)
        theirs = cv2.dnn.blobFromImages(pictures, *asked)
        assert np.array_equal(blob_from_images(pictures, size=size), theirs)
    assert blob_from_images(iter(pictures), size=(8, 8)).shape == (2, 3, 8, 8)


def test_a_path_and_a_pillow_image_are_read_as_opencv_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    red_first = _bytes((12, 10), 3)
    Image.fromarray(red_first).save(path)
    theirs = cv2.dnn.blobFromImage(cv2.imread(str(path)), 1.0, (7, 7), (1, 2, 3))
    for given in (path, str(path), Image.open(path), red_first[:, :, ::-1]):
        assert np.array_equal(blob_from_image(given, size=(7, 7), mean=(1, 2, 3)), theirs)


def test_a_mean_of_colours_leaves_the_fourth_channel() -> None:
    picture = _bytes((5, 4), 4)
    theirs = cv2.dnn.blobFromImage(picture, 1.0, (5, 4), (1, 2, 3))
    assert np.array_equal(blob_from_image(picture, mean=(1, 2, 3)), theirs)


GOOD = np.zeros((4, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("image", "options", "said"),
    [
        (GOOD, {"mean": 127.5}, r"is 127.5; .*Write mean=\(127.5, 127.5, 127.5\); OpenCV"),
        (GOOD, {"mean": (1, 2)}, "a number for each of the 3 channels"),
        (GOOD, {"mean": "blue"}, "a number for each"),
        (GOOD, {"mean": (1, 2, np.nan)}, "a number for each"),
        (GOOD, {"size": 300}, r"the size is 300; \(width, height\)"),
        (GOOD, {"size": (0, 3)}, "whole numbers from 1"),
        (GOOD, {"size": (2.5, 3)}, "whole numbers from 1"),
        (GOOD, {"scale": np.inf}, "the scale is inf"),
        (GOOD[:, :, :2], {}, r"\(4, 5, 2\) is given; a picture"),
        (GOOD[:0], {}, r"\(0, 5, 3\) is given"),
        (GOOD[0, 0], {}, r"\(3,\) is given"),
        (GOOD.astype(np.int32), {}, r"values of int32; uint8 or floats. .*astype"),
        (np.full((2, 2), np.nan), {}, "finite numbers only"),
        (None, {}, "real numbers"),
        ("none.png", {}, "'none.png' is not there"),
    ],
)
def test_what_is_no_picture_or_no_option_is_told(image, options, said: str) -> None:
    with pytest.raises(UserError, match=said):
        blob_from_image(image, **options)


def test_what_cannot_be_one_blob_is_told() -> None:
    for images, said in (
        ([], "at least one"),
        ("one.png", "blob_from_image takes one"),
        ([GOOD, GOOD[:, :, 0]], "1 and 3 channels"),
    ):
        with pytest.raises(UserError, match=said):
            blob_from_images(images)
