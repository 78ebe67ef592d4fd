"""Which pictures are opened, and what becomes of those that would do more than be a picture."""

import io
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from mycaffe_py.data.pictures.decoding import decode
from mycaffe_py.data.pictures.picture import UnreadableError, open_flat
from mycaffe_py.data.pictures.picture_file import FORMATS, opened_picture

COLOURS = np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"


def _saved(form, image=None):
    stream = io.BytesIO()
    (image or Image.fromarray(COLOURS)).save(stream, form)
    return stream.getvalue()


def test_every_format_is_one_of_pillows() -> None:
    """A name that is misspelt would be left out silently."""
    Image.init()
    assert set(FORMATS) <= set(Image.OPEN)


def test_what_is_left_out_draws_by_other_means() -> None:
    Image.init()
    left_out = set(Image.OPEN) - set(FORMATS)
    assert left_out == {"BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "WMF"}


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM", "WEBP", "TGA", "PCX"])
def test_pictures_are_opened_by_their_content(form: str) -> None:
    with opened_picture(io.BytesIO(_saved(form))) as image:
        assert image.size == (12, 8)


def test_no_postscript_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*arguments, **options):
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", started)
    for name in ("a.eps", "a.png"):
        (tmp_path / name).write_bytes(POSTSCRIPT)
        with pytest.raises(UnreadableError, match="no picture format"):
            open_flat(tmp_path / name, gray=False)
    with pytest.raises(UnreadableError, match="no picture format"):
        decode(POSTSCRIPT)


@pytest.mark.parametrize(
    "error",
    [RuntimeError, NotImplementedError, KeyError, AttributeError, AssertionError, OverflowError,
     ZeroDivisionError, MemoryError, zlib.error, IndexError, UnicodeError],
)  # fmt: skip
def test_whatever_a_reader_of_pillow_raises_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error
) -> None:
    def fails(self):
        raise error("damaged")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fails)
    (tmp_path / "a.png").write_bytes(_saved("PNG"))
    with pytest.raises(UnreadableError, match="damaged"):
        open_flat(tmp_path / "a.png", gray=True)
    with pytest.raises(UnreadableError, match="damaged"):
        decode(_saved("PNG"))


def test_an_icon_that_hides_a_larger_picture_is_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head of an .ico says 16x16, the PNG inside it 200x200."""
    small, large = (_saved("PNG", Image.new("L", (size, size))) for size in (16, 200))
    icon = io.BytesIO()
    Image.new("L", (16, 16)).save(icon, "ICO", sizes=[(16, 16)])
    content = icon.getvalue()
    start = content.index(small[:8])
    length = len(large).to_bytes(4, "little")
    (tmp_path / "a.ico").write_bytes(content[:14] + length + content[18:start] + large)
    monkeypatch.setattr("mycaffe_py.data.pictures.picture_file.LIMIT_PIXELS", 10_000)
    monkeypatch.setattr(
        "mycaffe_py.data.pictures.picture_file.check_pixels.__defaults__", (10_000,)
    )
    with pytest.raises(UnreadableError, match="200x200 pixels are more than"):
        open_flat(tmp_path / "a.ico", gray=True)


def test_a_packed_fits_file_is_not_unfolded(tmp_path: Path) -> None:
    cards = ("SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   = 0")
    head = b"".join(card.ljust(80).encode() for card in (*cards, "END")).ljust(2880)
    inner = (
        "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 8", "NAXIS2  = 1",
        "ZIMAGE  =                    T", "ZCMPTYPE= 'GZIP_1  '", "ZBITPIX = 8", "ZNAXIS  = 2",
        "ZNAXIS1 = 4", "ZNAXIS2 = 4", "END",
    )  # fmt: skip
    table = b"".join(card.ljust(80).encode() for card in inner).ljust(2880)
    (tmp_path / "a.fits").write_bytes(head + table + bytes(2880))
    with pytest.raises(UnreadableError, match="FITS"):
        open_flat(tmp_path / "a.fits", gray=True)
