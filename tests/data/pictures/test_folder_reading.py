"""A picture of the very set is read to the very bytes that the set holds."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.database_reading import read_source
from mycaffe_py.data.pictures.folder import scan_folder
from mycaffe_py.data.pictures.picture import read_as
from mycaffe_py.data.pictures.picture_record import Asked, PictureRecord
from mycaffe_py.errors import UserError
from tests.data.pictures.reading import read_folder


def _noise(size, mode="RGB", low=0, high=256):
    pixels = np.random.default_rng(size).integers(low, high, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(pixels).convert(mode)


def _stroke(paper, ink, size=(40, 30)):
    image = Image.new("L", size, paper)
    image.paste(ink, (size[0] // 3, 5, size[0] // 3 + 4, size[1] - 5))
    return image


@pytest.fixture
def mixed(tmp_path):
    """Two classes of pictures of every kind."""
    folder = tmp_path / "set"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
    kinds = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"]
    for number, mode in enumerate(kinds):
        _noise((11 + number, 9), "RGB").convert(mode).save(folder / "a" / f"{mode}.tif")
    _stroke(0, 255).save(folder / "b" / "light.png")
    _stroke(255, 0).save(folder / "b" / "dark.png")
    upright = _noise((12, 5))
    exif = upright.getexif()
    exif[0x0112] = 6
    upright.save(folder / "b" / "turned.jpg", exif=exif)
    _noise((200, 2)).save(folder / "b" / "strip.png")
    frames = [_stroke(0, 255), _stroke(255, 0)]
    frames[0].save(folder / "b" / "film.gif", save_all=True, append_images=frames[1:])
    deep = np.random.default_rng(1).integers(0, 4096, (9, 14)).astype(np.uint16)
    deep[0, 0] = 4095
    Image.fromarray(deep).save(folder / "b" / "deep.png")
    Image.fromarray(deep // 20).save(folder / "b" / "deep_and_dim.png")
    return folder


def _read(folder, **options):
    scan = scan_folder(folder)
    read = read_folder(scan, "SET", **options)
    return scan, read


def _same(scan, source):
    record = PictureRecord.from_json(source.pictures)
    assert len(source) == len(scan.pictures)
    for picture, image in zip(scan.pictures, source.images, strict=True):
        assert np.array_equal(read_as(picture.path, record).pixels, image), picture.path


@pytest.mark.parametrize("invert", [None, True, False])
@pytest.mark.parametrize("span", [None, (100.0, 2000.0)])
@pytest.mark.parametrize(
    ("fit", "gray"),
    [(None, True), ("stretch", False), ("pad", True), ("pad", False), ("crop", True),
     ("crop", False), ("ink", True)],
)  # fmt: skip
def test_one_picture_is_read_as_its_data_set_was(
    mixed, tmp_path: Path, fit: str | None, gray: bool, span, invert: bool | None
) -> None:
    scan, read = _read(mixed, size=(16, 12), gray=gray, asked=Asked(fit, invert, span))
    path = tmp_path / "SET.sqlite"
    write_dataset(path, "SET", read.sources)
    _same(scan, read_source(path, "SET", "training"))


@pytest.mark.parametrize("size", [(1, 1), (7, 3)])
def test_pictures_of_one_size_need_no_size(tmp_path: Path, size: tuple[int, ...]) -> None:
    for name in ("a", "b"):
        (tmp_path / "set" / name).mkdir(parents=True)
        _noise(size).save(tmp_path / "set" / name / "0.png")
    scan, read = _read(tmp_path / "set")
    record = PictureRecord.from_json(read.sources["training"].pictures)
    assert (record.width, record.height, record.fit) == (*size, "stretch")
    _same(scan, read.sources["training"])


@pytest.mark.parametrize("paper", [0, 255])
@pytest.mark.parametrize("invert", [None, True, False])
def test_polarity_is_what_the_images_show(tmp_path: Path, paper: int, invert: bool | None) -> None:
    for name in ("a", "b"):
        (tmp_path / "set" / name).mkdir(parents=True)
        _stroke(paper, 255 - paper).save(tmp_path / "set" / name / "0.png")
    scan, read = _read(tmp_path / "set", gray=True, asked=Asked(None, invert))
    source = read.sources["training"]
    record = PictureRecord.from_json(source.pictures)
    shown_dark = (paper == 0) != (invert is True)
    assert record.polarity == ("light on dark" if shown_dark else "dark on light")
    assert (source.images[0, 0, 0, 0] == 0) == shown_dark
    _same(scan, source)


def test_a_picture_with_a_light_border_is_inverted_for_a_set_of_light_on_dark(
    tmp_path: Path,
) -> None:
    for name in ("a", "b"):
        (tmp_path / "set" / name).mkdir(parents=True)
        _stroke(0, 255).save(tmp_path / "set" / name / "0.png")
    _, read = _read(tmp_path / "set", gray=True)
    record = PictureRecord.from_json(read.sources["training"].pictures)
    _stroke(255, 0).save(tmp_path / "other.png")
    other = read_as(tmp_path / "other.png", record)
    assert other.done == ("dark on light, so inverted",)
    assert np.array_equal(other.pixels, read.sources["training"].images[0])


def test_ink_is_made_light_on_dark_and_told(mixed) -> None:
    scan, read = _read(mixed / "..", size=(28, 28), gray=True, asked=Asked("ink"))
    record = PictureRecord.from_json(read.sources["training"].pictures)
    assert (record.polarity, record.invert) == ("light on dark", "light borders")
    assert any("were dark on light, so inverted" in note for note in read.notes)
    _same(scan, read.sources["training"])


def test_ink_left_dark_is_centred_as_ink(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "set" / name).mkdir(parents=True)
        _stroke(255, 0).save(tmp_path / "set" / name / "0.png")
    _, read = _read(tmp_path / "set", size=(28, 28), gray=True, asked=Asked("ink", invert=False))
    image = read.sources["training"].images[0, 0]
    assert (image[:4] == 255).all() and image[14, 14] < 50


def test_the_ink_of_colour_pictures_is_refused(mixed) -> None:
    with pytest.raises(UserError, match="--fit ink is for gray pictures"):
        _read(mixed, size=(8, 8), asked=Asked("ink"))


def test_all_deep_pictures_of_a_set_are_read_by_one_range(mixed) -> None:
    """A dim one alone would be taken for bytes, and come out brighter than the others."""
    scan, read = _read(mixed, size=(14, 9), gray=True)
    source = read.sources["training"]
    assert PictureRecord.from_json(source.pictures).span == (0, 65535)
    assert any("1 of 2 pictures of more than 8 bits" in note for note in read.notes)
    dim = next(i for i, p in enumerate(scan.pictures) if p.path.name == "deep_and_dim.png")
    assert source.images[dim].max() <= 1


def _deep_set(folder, low, high):
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        values = np.linspace(low, high, 48).reshape(6, 8).astype(np.uint16)
        Image.fromarray(values).save(folder / name / "0.png")
    return folder


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(0, 4095, "17 of 256 levels are left. --range=0:4095"),
     (0, 724, "4 of 256 levels are left. --range=0:1023"),
     (30000, 31000, "--range=30000:31000")],
)  # fmt: skip
def test_16_bit_pictures_that_use_little_of_their_range_are_told(
    tmp_path: Path, low: int, high: int, says: str
) -> None:
    _, read = _read(_deep_set(tmp_path / "set", low, high), gray=True)
    assert sum(says in note for note in read.notes) == 1


def test_those_that_use_it_are_not_told_and_a_range_ends_the_notice(tmp_path: Path) -> None:
    folder = _deep_set(tmp_path / "set", 0, 9000)
    assert not any("1/8" in note for note in _read(folder, gray=True)[1].notes)
    asked = Asked(span=(0, 9000))
    read = _read(folder, gray=True, asked=asked)[1]
    assert not any("1/8" in note or "changed nothing" in note for note in read.notes)
    assert read.sources["training"].images.max() == 255


def test_a_range_that_changes_nothing_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "set" / name).mkdir(parents=True)
        _stroke(0, 255).save(tmp_path / "set" / name / "0.png")
    read = _read(tmp_path / "set", asked=Asked(span=(0, 9)))[1]
    assert any("--range changed nothing" in note for note in read.notes)


def test_no_picture_is_kept_in_its_own_size(tmp_path: Path) -> None:
    (tmp_path / "set" / "a").mkdir(parents=True)
    stream = io.BytesIO()
    _noise((300, 300)).save(stream, "PNG")
    (tmp_path / "set" / "a" / "0.png").write_bytes(stream.getvalue())
    record = PictureRecord(4, 4, gray=False, fit="stretch")
    read = read_as(tmp_path / "set" / "a" / "0.png", record)
    arrays = [v for v in vars(read).values() if isinstance(v, np.ndarray)]
    assert sum(array.nbytes for array in arrays) == 48
