import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.picture import UnreadableError, open_flat

RAMP = np.linspace(0, 4095, 60).round().astype(np.uint16).reshape(4, 5, 3)


def _png16(path, values):
    """A PNG of 16 bits a channel, which Pillow reads and cannot write."""
    height, width, channels = values.shape
    kind = {2: 4, 3: 2, 4: 6}[channels]

    def chunk(name, content):
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">2I5B", width, height, 16, kind, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def test_a_range_of_gray_values_becomes_0_to_255(tmp_path: Path) -> None:
    values = np.array([[0, 1000, 2000, 3000, 9000]], np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    flat = open_flat(tmp_path / "a.png", True, (1000, 3000))
    assert flat.pixels[0, 0].tolist() == [0, 0, 128, 255, 255]
    assert (flat.depth.bits, flat.depth.values) == (16, (0, 9000))


def test_a_range_of_16_bit_colours_uses_both_their_bytes(tmp_path: Path) -> None:
    path = _png16(tmp_path / "a.png", RAMP)
    pixels = open_flat(path, False, (0, 4095)).pixels
    wanted = np.round(RAMP * (255 / 4095)).transpose(2, 0, 1)
    assert np.array_equal(pixels, wanted)
    assert np.array_equal(open_flat(path, False).pixels, (RAMP >> 8).transpose(2, 0, 1))
    assert open_flat(path, False).depth.bits == 16


def test_transparent_16_bit_colours_lie_on_white_paper(tmp_path: Path) -> None:
    values = np.concatenate([RAMP, np.full((4, 5, 1), 65535, np.uint16)], axis=2)
    values[0, 0, 3] = 0
    pixels = open_flat(_png16(tmp_path / "a.png", values), False, (0, 4095)).pixels
    assert pixels[:, 0, 0].tolist() == [255, 255, 255]
    assert pixels[:, 3, 4].tolist() == [246, 251, 255]


def test_a_form_whose_low_bytes_cannot_be_had_is_named(tmp_path: Path) -> None:
    path = _png16(tmp_path / "a.png", RAMP[:, :, :2])
    with pytest.raises(UnreadableError, match=r"--range cannot be used\. Save it as a PNG"):
        open_flat(path, True, (0, 4095))
    assert open_flat(path, True).pixels.shape == (1, 4, 5)


def test_negative_values_say_what_to_do_and_the_advice_works(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(np.array([[-1000, 0, 1000]], np.int32)).save(path)
    with pytest.raises(UnreadableError, match=r"from -1000 to 1000.*--range=-1000:1000"):
        open_flat(path, True)
    assert open_flat(path, True, (-1000, 1000)).pixels[0, 0].tolist() == [0, 128, 255]


def test_a_range_leaves_pictures_of_8_bits_alone(tmp_path: Path) -> None:
    Image.fromarray(np.array([[7, 9]], np.uint8)).save(tmp_path / "a.png")
    assert open_flat(tmp_path / "a.png", True, (0, 4095)).pixels[0, 0].tolist() == [7, 9]


@pytest.mark.parametrize("gray", [True, False])
def test_lab_pictures_are_read_in_gray_too(tmp_path: Path, gray: bool) -> None:
    Image.new("RGB", (4, 3), (200, 200, 200)).convert("RGB").save(tmp_path / "a.png")
    Image.new("LAB", (4, 3), (128, 128, 128)).save(tmp_path / "a.tif")
    pixels = open_flat(tmp_path / "a.tif", gray).pixels
    assert pixels.shape == (1 if gray else 3, 3, 4)
    assert 90 < pixels[0, 0, 0] < 140
