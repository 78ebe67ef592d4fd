import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.picture import UnreadableError, read_pixels

GRADIENT = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


@pytest.fixture
def saved(tmp_path):
    def save(image, name="a.png", **options):
        path = tmp_path / name
        image.save(path, **options)
        return path

    return save


def test_gray_and_colour(saved) -> None:
    path = saved(Image.fromarray(GRADIENT))
    assert np.array_equal(read_pixels(path, gray=True), GRADIENT[np.newaxis])
    assert np.array_equal(read_pixels(path, gray=False), np.stack([GRADIENT] * 3))


def test_colours_come_red_first(saved) -> None:
    pixels = read_pixels(saved(Image.new("RGB", (3, 2), (10, 20, 30))), gray=False)
    assert pixels.shape == (3, 2, 3)
    assert pixels[:, 1, 1].tolist() == [10, 20, 30]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_every_mode(saved, mode: str) -> None:
    image = Image.fromarray(GRADIENT).convert("RGB").convert(mode)
    path = saved(image, "a.tif")
    for gray in (True, False):
        pixels = read_pixels(path, gray, (4, 3))
        assert pixels.shape == (1 if gray else 3, 3, 4)
        assert pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (GRADIENT.astype(np.uint16) * 257, GRADIENT),
        (GRADIENT.astype(np.uint16), GRADIENT),
        (GRADIENT.astype(np.int32) * 257, GRADIENT),
        ((GRADIENT / 255).astype(np.float32), GRADIENT),
        (GRADIENT.astype(np.float32), GRADIENT),
    ],
    ids=["16 bit", "8 in 16 bit", "32 bit", "shares", "bytes as floats"],
)
def test_deep_pictures_are_brought_to_bytes(saved, values, wanted) -> None:
    pixels = read_pixels(saved(Image.fromarray(values), "a.tif"), gray=True)
    assert np.array_equal(pixels[0], wanted)


@pytest.mark.parametrize("value", [float("nan"), -1.0, 1e9])
def test_deep_values_without_meaning(saved, value) -> None:
    values = np.full((4, 4), value, np.float32)
    with pytest.raises(UnreadableError):
        read_pixels(saved(Image.fromarray(values), "a.tif"), gray=True)


def test_transparent_parts_show_white_paper(saved) -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert (read_pixels(saved(image), gray=True) == 255).all()


def test_the_cameras_mark_is_obeyed(saved) -> None:
    image = Image.fromarray(GRADIENT)
    exif = image.getexif()
    exif[0x0112] = 6
    pixels = read_pixels(saved(image, exif=exif), gray=True)
    assert np.array_equal(pixels[0], np.rot90(GRADIENT, -1))


def test_of_a_film_the_first_picture_is_read(saved) -> None:
    frames = [Image.new("L", (4, 4), shade) for shade in (50, 200)]
    path = saved(frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert (read_pixels(path, gray=True) == 50).all()


def _png(width, height):
    def chunk(kind, content):
        sum_ = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", sum_)

    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 9_000), (12_000, 12_000), (100_000, 100_000)]
)
def test_bombs_are_refused_unopened(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(width, height))
    with pytest.raises(UnreadableError, match=r"million|unreasonable"):
        read_pixels(path, gray=True)


@pytest.mark.parametrize(
    "format_", ["png", "jpg", "gif", "bmp", "tif", "webp", "ppm", "tga", "ico"]
)
def test_damaged_files_never_give_another_error(saved, format_: str) -> None:
    path = saved(Image.fromarray(np.stack([GRADIENT] * 3, axis=2).repeat(4, 0)), f"a.{format_}")
    content = path.read_bytes()
    numbers = np.random.default_rng(2)
    for trial in range(80):
        broken = bytearray(content)
        if trial % 2:
            broken = broken[: int(numbers.integers(0, len(content)))]
        else:
            start = int(numbers.integers(0, len(content)))
            broken[start : start + 4] = numbers.bytes(4)
        path.write_bytes(broken)
        try:
            pixels = read_pixels(path, gray=False, size=(8, 8))
        except UnreadableError:
            continue
        assert pixels.shape == (3, 8, 8)


def test_words_are_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("not a picture")
    with pytest.raises(UnreadableError, match="no picture format"):
        read_pixels(path, gray=True)
