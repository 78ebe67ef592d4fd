"""The one place where picture files are opened: of named formats, and never unfolded far.

Pillow takes a file for what its content says, whatever its name. Left out of its formats are those
that start another program (EPS starts Ghostscript), that open a file inside the file as any format
(IPTC), or that it cannot draw by itself (WMF, MPEG, HDF5, GRIB, BUFR).
"""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import Image, UnidentifiedImageError

from mycaffe_py.data.pictures.deep_picture import UnreadableError

# Almost every picture is one of the first; the others' readers are imported when one is met.
_COMMON = ("PNG", "JPEG", "BMP", "DIB", "GIF", "PPM")
_OTHERS = (
    "AVIF", "BLP", "CUR", "DCX", "DDS", "FITS", "FLI", "FTEX", "GBR", "ICNS", "ICO", "IM", "IMT",
    "JPEG2000", "MCIDAS", "MSP", "PCD", "PCX", "PIXAR", "PSD", "QOI", "SGI", "SPIDER", "SUN", "TGA",
    "TIFF", "WEBP", "XBM", "XPM", "XVTHUMB",
)  # fmt: skip
FORMATS = _COMMON + _OTHERS

# A small file may unfold to any size; this much is decoded, which is 192 MB in colour.
LIMIT_PIXELS = 64_000_000
# Unpacks the whole file at once, to whatever size.
_UNBOUNDED_PACKING = "fits_gzip"

# Pillow's readers raise all of these for damaged files.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, AttributeError, AssertionError,
    RuntimeError, LookupError, ArithmeticError, MemoryError, struct.error, zlib.error,
)  # fmt: skip


class _Hushed:
    """Warnings are off while any thread reads: their filters belong to the process, and threads
    that each put back what they found would leave them off, or on too early."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._before = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if not self._readers:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.simplefilter("ignore")
            self._readers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers:
                self._before.__exit__(None, None, None)


_HUSHED = _Hushed()


@contextmanager
def opened_picture(source: Path | IO[bytes], most: int = LIMIT_PIXELS) -> Iterator[Image.Image]:
    """The picture in a file, not yet decoded; `check_pixels` judges it again when it is.

    Errors: UnreadableError, also for what Pillow finds wrong while the picture is used.
    """
    with reading(), _identified(source) as image:
        check_pixels(image, most)
        if any(tile[0] == _UNBOUNDED_PACKING for tile in getattr(image, "tile", ())):
            raise UnreadableError("it is a FITS file packed by gzip. Unpack it first")
        yield image


@contextmanager
def reading() -> Iterator[None]:
    """For a block in which Pillow reads: without its warnings. Errors: its own as UnreadableError.

    It warns of large and of slightly damaged files; both are judged here.
    """
    try:
        with _HUSHED:
            yield
    except UnidentifiedImageError as error:
        raise UnreadableError("no picture format known to Pillow") from error
    except Image.DecompressionBombError as error:
        raise UnreadableError("it would unfold to an unreasonable size") from error
    except _DAMAGE as error:
        raise UnreadableError(str(error) or type(error).__name__) from error


def check_pixels(image: Image.Image, most: int = LIMIT_PIXELS) -> None:
    """Refuse a picture of too many pixels: what its head says, and, decoded, what it has become."""
    if image.width * image.height > most:
        raise UnreadableError(
            f"{image.width}x{image.height} pixels are more than {most // 1_000_000} million"
        )


def _identified(source: Path | IO[bytes]) -> Image.Image:
    Image.preinit()
    try:
        return Image.open(source, formats=_known(_COMMON))
    except UnidentifiedImageError:
        Image.init()
        if not isinstance(source, Path):
            source.seek(0)
        return Image.open(source, formats=_known(_OTHERS))


def _known(formats: tuple[str, ...]) -> list[str]:
    """Those that this Pillow reads; older ones read fewer."""
    return [name for name in formats if name in Image.OPEN]
