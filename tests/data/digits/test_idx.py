import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.digits.idx import IMAGES_MAGIC, LABELS_MAGIC, image_blocks, read_labels
from mycaffe_py.errors import UserError


def _images(*args):
    return np.concatenate(list(image_blocks(*args)))


PIXELS = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
IMAGES = struct.pack(">4i", IMAGES_MAGIC, 3, 4, 5) + PIXELS.tobytes()
LABELS = struct.pack(">2i", LABELS_MAGIC, 3) + bytes([7, 0, 9])


@pytest.fixture
def put(tmp_path):
    def write(content):
        path = tmp_path / "some-idx3-ubyte"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_images_and_labels(put, pack) -> None:
    assert np.array_equal(_images(put(pack(IMAGES))), PIXELS)
    assert read_labels(put(pack(LABELS))).tolist() == [7, 0, 9]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_the_sum_is_of_the_uncompressed_file(put, pack) -> None:
    wanted = hashlib.sha256(IMAGES).hexdigest()
    assert len(_images(put(pack(IMAGES)), wanted)) == 3


def test_a_mismatch_names_file_and_both_sums(put) -> None:
    other = "0" * 64
    with pytest.raises(UserError) as caught:
        _images(put(IMAGES), other)
    text = str(caught.value)
    assert "some-idx3-ubyte" in text
    assert hashlib.sha256(IMAGES).hexdigest() in text
    assert other in text


BAD = {
    "empty": (b"", "ends inside its header, after 0 bytes"),
    "half a header": (IMAGES[:10], "ends inside its header, after 10 bytes"),
    "labels for images": (LABELS, "magic number 2049 instead of 2051"),
    "text": (b"hello, world. This is not IDX.", "magic number 1751477356 instead of 2051"),
    "truncated": (IMAGES[:-7], "ends after 53 of 60 bytes"),
    "too long": (IMAGES + b"x", "goes on after 60 bytes"),
    "nothing in it": (struct.pack(">4i", IMAGES_MAGIC, 0, 4, 5), "empty shape"),
    "absurd": (struct.pack(">4I", IMAGES_MAGIC, *[0xFFFFFFFF] * 3), "announces .* bytes"),
    "large, and not there": (struct.pack(">4i", IMAGES_MAGIC, 60000, 100, 100), "ends after 0 of"),
    "truncated gz": (gzip.compress(IMAGES)[:-9], "gzip file ends too early|cannot be read"),
    "cut gz": (gzip.compress(IMAGES)[:30], "gzip file ends too early"),
    "broken gz": (gzip.compress(IMAGES)[:10] + b"\xff" * 40, "cannot be read"),
    "gz of nothing": (gzip.compress(b""), "ends inside its header"),
}


@pytest.mark.parametrize(("content", "match"), BAD.values(), ids=BAD.keys())
def test_bad_files(put, content, match) -> None:
    with pytest.raises(UserError, match=match):
        _images(put(content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere.gz: this file is missing"):
        _images(tmp_path / "nowhere.gz")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        _images(tmp_path)


def test_a_packed_file_that_announces_far_more_than_it_holds_is_not_unfolded(
    tmp_path: Path,
) -> None:
    """Zeros: 3 GB would come out of 3 MB before it was seen that 1 GB is missing."""
    path = tmp_path / "images.gz"
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(">4I", 0x803, 1 << 20, 32, 32) + bytes(1 << 20))
    with pytest.raises(UserError, match=r"cannot be read: it holds .* and announces 1,073,741,824"):
        _images(path)
