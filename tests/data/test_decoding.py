import io

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.decoding import decode, read_file, resize
from mycaffe_py.data.picture import UnreadableError
from tests.data.stores import picture_bytes

RANDOM = np.random.default_rng(5)
COLORED = RANDOM.integers(0, 256, (6, 4, 3)).astype(np.uint8)
GRAY = COLORED[:, :, 0]


def _saved(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def test_blue_comes_first():
    data = picture_bytes(COLORED)
    wanted = COLORED.transpose(2, 0, 1)
    assert np.array_equal(decode(data), wanted[::-1])
    assert np.array_equal(decode(data, "color"), wanted[::-1])
    assert np.array_equal(decode(data, "color", bgr=False), wanted)


def test_gray():
    data = picture_bytes(GRAY)
    assert np.array_equal(decode(data), GRAY[np.newaxis])
    assert np.array_equal(decode(data, "gray"), GRAY[np.newaxis])
    assert np.array_equal(decode(data, "color"), np.stack([GRAY] * 3))
    weighed = COLORED @ [0.299, 0.587, 0.114]
    assert abs(decode(picture_bytes(COLORED), "gray")[0] - weighed).max() < 1


def test_gray_of_a_jpeg_is_its_brightness():
    data = picture_bytes(np.kron(COLORED, np.ones((8, 8, 1), np.uint8)), "JPEG")
    with Image.open(io.BytesIO(data)) as image:
        image.draft("YCbCr", None)
        brightness = np.asarray(image.convert("YCbCr"))[:, :, 0]
    assert np.array_equal(decode(data, "gray")[0], brightness)


def test_transparency_is_a_channel_or_dropped():
    alpha = RANDOM.integers(0, 256, (6, 4, 1)).astype(np.uint8)
    data = picture_bytes(np.concatenate([COLORED, alpha], axis=2))
    wanted = COLORED.transpose(2, 0, 1)[::-1]
    assert np.array_equal(decode(data), np.concatenate([wanted, alpha.transpose(2, 0, 1)]))
    assert np.array_equal(decode(data, "color"), wanted)


def test_palettes_are_unfolded():
    image = Image.fromarray(COLORED).convert("P")
    assert np.array_equal(
        decode(_saved(image)), np.asarray(image.convert("RGB")).transpose(2, 0, 1)[::-1]
    )


def test_sixteen_bits():
    deep = np.array([[0, 255, 256, 65535]], dtype=np.uint16)
    data = _saved(Image.fromarray(deep))
    assert decode(data, "gray").tolist() == [[[0, 0, 1, 255]]]
    with pytest.raises(UnreadableError, match="16 bits"):
        decode(data)


def test_the_rotation_mark_counts_where_colors_are_forced():
    marks = Image.Exif()
    marks[0x0112] = 6
    data = _saved(Image.fromarray(COLORED), exif=marks)
    assert decode(data).shape == (3, 6, 4)
    assert decode(data, "color").shape == (3, 4, 6)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no picture format"),
        (b"nonsense" * 20, "no picture format"),
        (picture_bytes(np.kron(COLORED, np.ones((9, 9, 1), np.uint8)), "JPEG")[:-90], "truncated"),
        (_saved(Image.fromarray(np.zeros((2, 2), np.float32)), "TIFF"), "mode F"),
    ],
)
def test_what_cannot_be_decoded(data, said):
    with pytest.raises(UnreadableError, match=said):
        decode(data)


def test_too_many_pixels(monkeypatch):
    monkeypatch.setattr("mycaffe_py.data.decoding.LIMIT_PIXELS", 20)
    with pytest.raises(UnreadableError, match="4x6 pixels"):
        decode(picture_bytes(COLORED))


def test_a_missing_file(tmp_path):
    with pytest.raises(UnreadableError, match="No such file"):
        read_file(tmp_path / "none.png")


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
def test_resizing_is_opencvs(size):
    image = np.array([IMAGE, IMAGE[::-1]], dtype=np.uint8)
    resized = resize(image, *size)
    assert resized.dtype == np.uint8
    assert np.array_equal(resized[0], RESIZED[size])


def test_resizing_to_the_same_size_and_of_one_pixel():
    image = np.array([IMAGE], dtype=np.uint8)
    assert np.array_equal(resize(image, 4, 5), image)
    assert resize(np.full((2, 1, 1), 7, np.uint8), 3, 4).tolist() == [[[7] * 4] * 3] * 2
    assert resize(image, 1, 1).shape == (1, 1, 1)


def test_resizing_is_bilinear():
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
