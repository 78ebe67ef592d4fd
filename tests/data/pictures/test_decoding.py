import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.decoding import decode, read_file
from mycaffe_py.data.pictures.picture import UnreadableError
from tests.data.stores import picture_bytes

RANDOM = np.random.default_rng(5)
COLORED = RANDOM.integers(0, 256, (6, 4, 3)).astype(np.uint8)
GRAY = COLORED[:, :, 0]


def _saved(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def test_blue_comes_first() -> None:
    data = picture_bytes(COLORED)
    wanted = COLORED.transpose(2, 0, 1)
    assert np.array_equal(decode(data), wanted[::-1])
    assert np.array_equal(decode(data, "color"), wanted[::-1])
    assert np.array_equal(decode(data, "color", bgr=False), wanted)


def test_gray() -> None:
    data = picture_bytes(GRAY)
    assert np.array_equal(decode(data), GRAY[np.newaxis])
    assert np.array_equal(decode(data, "gray"), GRAY[np.newaxis])
    assert np.array_equal(decode(data, "color"), np.stack([GRAY] * 3))
    weighed = COLORED @ [0.299, 0.587, 0.114]
    assert abs(decode(picture_bytes(COLORED), "gray")[0] - weighed).max() < 1


def test_gray_of_a_jpeg_is_its_brightness() -> None:
    data = picture_bytes(np.kron(COLORED, np.ones((8, 8, 1), np.uint8)), "JPEG")
    with Image.open(io.BytesIO(data)) as image:
        image.draft("YCbCr", None)
        brightness = np.asarray(image.convert("YCbCr"))[:, :, 0]
    assert np.array_equal(decode(data, "gray")[0], brightness)


def test_transparency_is_a_channel_or_dropped() -> None:
    alpha = RANDOM.integers(0, 256, (6, 4, 1)).astype(np.uint8)
    data = picture_bytes(np.concatenate([COLORED, alpha], axis=2))
    wanted = COLORED.transpose(2, 0, 1)[::-1]
    assert np.array_equal(decode(data), np.concatenate([wanted, alpha.transpose(2, 0, 1)]))
    assert np.array_equal(decode(data, "color"), wanted)


def test_palettes_are_unfolded() -> None:
    image = Image.fromarray(COLORED).convert("P")
    assert np.array_equal(
        decode(_saved(image)), np.asarray(image.convert("RGB")).transpose(2, 0, 1)[::-1]
    )


def test_sixteen_bits() -> None:
    deep = np.array([[0, 255, 256, 65535]], dtype=np.uint16)
    data = _saved(Image.fromarray(deep))
    assert decode(data, "gray").tolist() == [[[0, 0, 1, 255]]]
    with pytest.raises(UnreadableError, match="16 bits"):
        decode(data)


def test_the_rotation_mark_counts_where_colors_are_forced() -> None:
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
def test_what_cannot_be_decoded(data, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        decode(data)


def test_too_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mycaffe_py.data.pictures.decoding.LIMIT_PIXELS", 20)
    with pytest.raises(UnreadableError, match="4x6 pixels"):
        decode(picture_bytes(COLORED))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_file(tmp_path / "none.png")
