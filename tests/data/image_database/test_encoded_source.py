"""Pictures that are kept as they came give the pixels of those that are kept as pixels."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.doubles import find_doubles
from mycaffe_py.data.gathered_source import part_of
from mycaffe_py.data.image_database.database import add_split, write_dataset
from mycaffe_py.data.image_database.database_reading import read_source
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.image_database.row_files import rows_folder
from mycaffe_py.data.pictures import side_by_side
from mycaffe_py.data.pictures.folder import scan_folder
from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.errors import MyCaffeError, UserError
from tests.data.pictures.reading import read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of pictures of many kinds and sizes."""
    numbers = np.random.default_rng(5)
    folder = tmp_path / "set"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
    for place, mode in enumerate(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"]):
        pixels = numbers.integers(0, 256, (12 + place, 15, 3)).astype(np.uint8)
        Image.fromarray(pixels).convert(mode).save(folder / "a" / f"{mode}.tif")
    turned = Image.fromarray(numbers.integers(0, 256, (12, 30, 3)).astype(np.uint8))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "b" / "turned.jpg", exif=exif)
    turned.convert("CMYK").save(folder / "b" / "cmyk.jpg")
    turned.convert("L").save(folder / "b" / "gray.jpg")
    for name, top in (("deep", 60_000), ("dim", 200)):
        values = numbers.integers(0, top, (9, 14)).astype(np.uint16)
        Image.fromarray(values).save(folder / "b" / f"{name}.png")
    return folder


def _both(folder, tmp_path, **options):
    """The set of pixels, and the one of pictures, both from their dataset files."""
    found = []
    for encoded in (False, True):
        read = read_folder(scan_folder(folder), "SET", encoded=encoded, **options)
        path = tmp_path / f"{encoded}.sqlite"
        write_dataset(path, "SET", read.sources)
        found.append(read_source(path, "SET", "training"))
    return found


@pytest.mark.parametrize(
    ("fit", "gray", "invert", "span"),
    [("stretch", False, None, None), ("stretch", True, None, None), ("pad", True, True, None),
     ("crop", False, False, (100.0, 2000.0)), ("ink", True, None, None)],
)  # fmt: skip
def test_the_pixels_are_the_same(folder: Path, tmp_path: Path, fit, gray, invert, span) -> None:
    asked = Asked(fit, invert, span)
    rows, encoded = _both(folder, tmp_path, size=(10, 8), gray=gray, asked=asked)
    assert isinstance(encoded, EncodedSource)
    everything = np.arange(len(rows))
    np.testing.assert_array_equal(encoded.gather(everything), rows.gather(everything))
    np.testing.assert_array_equal(encoded.mean(), rows.mean())
    np.testing.assert_array_equal(encoded.found_mean(), rows.mean())
    assert encoded.pictures == rows.pictures
    assert encoded.labels.tolist() == rows.labels.tolist()
    assert encoded.checksum == encoded.found_checksum() != rows.checksum
    images, places = encoded.chosen(np.array([3, 3, 0]))
    assert len(images) == 2
    np.testing.assert_array_equal(images[places], rows.gather(np.array([3, 3, 0])))


def test_the_files_are_kept_as_they_came(folder: Path, tmp_path: Path) -> None:
    _, encoded = _both(folder, tmp_path, size=(10, 8))
    files = [one.path.read_bytes() for one in scan_folder(folder).pictures]
    assert [encoded.raw(record) for record in range(len(encoded))] == files
    (stored,) = rows_folder(tmp_path / "True.sqlite").iterdir()
    assert stored.read_bytes() == b"".join(files)
    assert encoded.stored_bytes == stored.stat().st_size


@pytest.mark.parametrize("count", [1, 3, 8])
def test_any_number_of_threads_gives_the_same_bits(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    rows, encoded = _both(folder, tmp_path, size=(10, 8))
    with ThreadPoolExecutor(count) as pool:
        monkeypatch.setattr(side_by_side, "_threads", lambda process: pool)
        records = np.random.default_rng(1).integers(0, len(rows), 200)
        np.testing.assert_array_equal(encoded.gather(records), rows.gather(records))


def test_warnings_are_what_they_were_when_several_threads_have_read(
    folder: Path, tmp_path: Path
) -> None:
    """Each thread put back the filters that it had found, those of another that was reading."""
    _, encoded = _both(folder, tmp_path, size=(10, 8))
    before = list(warnings.filters)
    threads = [
        threading.Thread(target=encoded.gather, args=(np.arange(len(encoded)).repeat(5),))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == before


def test_a_part_is_stored_as_pixels_and_a_copy_as_pictures(folder: Path, tmp_path: Path) -> None:
    rows, encoded = _both(folder, tmp_path, size=(10, 8))
    part = part_of(encoded, np.array([4, 1]))
    np.testing.assert_array_equal(part.gather(np.array([0, 1])), rows.gather(np.array([4, 1])))
    copied = replace(encoded, name="SET.more")
    add_split(tmp_path / "True.sqlite", "more", copied)
    found = read_source(tmp_path / "True.sqlite", "SET", "more")
    assert found.checksum == encoded.checksum == found.found_checksum()


def test_doubles_are_found_by_the_bytes_of_the_files(folder: Path, tmp_path: Path) -> None:
    one = next(folder.rglob("gray.jpg"))
    (folder / "a" / "again.jpg").write_bytes(one.read_bytes())
    _, encoded = _both(folder, tmp_path, size=(10, 8))
    (line,) = find_doubles(encoded).lines()
    assert "1 image stands in two classes" in line


def test_a_picture_that_is_damaged_is_one_error(folder: Path, tmp_path: Path) -> None:
    _, encoded = _both(folder, tmp_path, size=(10, 8))
    (stored,) = rows_folder(tmp_path / "True.sqlite").iterdir()
    stored.write_bytes(bytes(stored.stat().st_size))
    with pytest.raises(MyCaffeError, match=r"picture 2 of SET\.training cannot be read.*verify"):
        encoded.gather(np.array([2]))
    stored.write_bytes(b"")
    with pytest.raises(UserError, match=r"0 bytes, .* are announced"):
        read_source(tmp_path / "True.sqlite", "SET", "training")
