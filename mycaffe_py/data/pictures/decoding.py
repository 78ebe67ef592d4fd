"""Encoded pictures as Caffe sees them: OpenCV's channels and their order.

`picture` reads for datasets of our own (RGB, smooth resizing, white paper behind what is
transparent); a net that was trained with Caffe must see its pictures the way Caffe showed them.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from mycaffe_py.data.pictures.deep_picture import UnreadableError
from mycaffe_py.data.pictures.picture_file import LIMIT_PIXELS, check_pixels, opened_picture
from mycaffe_py.files.plain_file import read_plain

Pixels = NDArray[np.uint8]


def read_file(path: Path) -> bytes:
    """The bytes of a picture file. Errors: UnreadableError."""
    try:
        return read_plain(path)
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
    except ValueError as error:
        raise UnreadableError("its path holds a zero byte") from error


def decode(data: bytes, colors: str = "", bgr: bool = True) -> Pixels:
    """Pixels (C, H, W), 0-255, of an encoded picture.

    `colors` "color" gives three channels, "gray" one; "" leaves the picture as it is: one channel,
    three, or four where it has transparent parts, and not turned upright by its EXIF mark. Blue
    comes first unless `bgr` is False. Transparency is dropped, not laid on paper; 16-bit values
    lose their lower byte. Errors: UnreadableError.
    """
    with opened_picture(io.BytesIO(data), LIMIT_PIXELS) as image:
        if colors == "gray":
            # A JPEG holds its brightness; OpenCV takes that, not a mixture of the colours.
            image.draft("L", None)
        image.load()
        check_pixels(image, LIMIT_PIXELS)
        return _channels(image if not colors else ImageOps.exif_transpose(image), colors, bgr)


def _channels(image: Image.Image, colors: str, bgr: bool) -> Pixels:
    if image.mode in ("I", "F"):
        raise UnreadableError(f"its pixels are of Pillow's mode {image.mode}, not bytes")
    if image.mode.startswith("I;16"):
        if not colors:
            raise UnreadableError("it has 16 bits a channel; say force_color or force_gray")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    mode = {"gray": "L", "color": "RGB"}.get(colors) or _own_mode(image)
    pixels = np.asarray(image.convert(mode), dtype=np.uint8)
    if pixels.ndim == 2:
        return np.ascontiguousarray(pixels[np.newaxis])
    order = [2, 1, 0, 3][: pixels.shape[2]] if bgr else [0, 1, 2, 3][: pixels.shape[2]]
    return np.ascontiguousarray(pixels[:, :, order].transpose(2, 0, 1))


def _own_mode(image: Image.Image) -> str:
    if image.mode in ("1", "L"):
        return "L"
    return "RGBA" if image.has_transparency_data else "RGB"
