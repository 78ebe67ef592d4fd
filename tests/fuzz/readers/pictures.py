"""Picture files of every format that Pillow writes and we read."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from mycaffe_py.data.pictures.picture import UnreadableError, open_flat
from mycaffe_py.data.pictures.picture_file import FORMATS
from tests.fuzz.reader import Reader

MODES = ("RGB", "L", "1", "P", "RGBA", "I;16", "F", "CMYK", "LAB")


def _samples(folder: Path) -> list[bytes]:
    Image.init()
    colours = np.random.default_rng(1).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    made = [_written(colours, form, mode) for form in FORMATS for mode in MODES]
    return [*filter(None, made), _packed_tiff(colours), _frames(colours)]


def _written(colours: np.ndarray, form: str, mode: str) -> bytes:
    """A small picture, b"" where the format does not hold the mode."""
    if form not in Image.SAVE:
        return b""
    stream = io.BytesIO()
    image = Image.fromarray(colours)
    try:
        deep = mode in ("I;16", "F")
        image = (
            Image.fromarray(colours[..., 0].astype("<u2" if mode == "I;16" else "f4"))
            if deep
            else image.convert(mode)
        )
        image.save(stream, form)
    except (OSError, ValueError, KeyError):
        return b""
    return stream.getvalue()


def _packed_tiff(colours: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, "TIFF", compression="tiff_adobe_deflate")
    return stream.getvalue()


def _frames(colours: np.ndarray) -> bytes:
    stream = io.BytesIO()
    frames = [Image.fromarray(colours), Image.fromarray(colours[:4, :4])]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def _read(path: Path) -> None:
    open_flat(path, gray=path.stat().st_size % 2 == 0)


READER = Reader(samples=_samples, read=_read, allowed=(UnreadableError,))
