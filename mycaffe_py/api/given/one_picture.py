"""One picture that a program gives, in its own size and its own colours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mycaffe_py.api.given.given import items_of
from mycaffe_py.api.given.layout import picture_laid_out
from mycaffe_py.api.given.pixel_values import check_real, span_of, to_bytes
from mycaffe_py.data.pictures.decoding import Pixels
from mycaffe_py.detect.preparing import pixels_of, read_pixels
from mycaffe_py.errors import UserError


def one_picture(given: Any, gray: bool) -> Pixels:
    """Pixels (C, H, W), blue first, of a path, a Pillow image or an array (H, W[, C]), red first.

    Errors: something else, several, no picture, values that are not those of one.
    """
    if isinstance(given, str | os.PathLike):
        return read_pixels(Path(given), gray)
    if isinstance(given, Image.Image):
        return pixels_of(given, gray)
    items = items_of(given)
    if not isinstance(items, np.ndarray):
        raise UserError(f"{len(items)} pictures are given", wanted="one at a time")
    check_real(items)
    array = picture_laid_out(items)
    values = to_bytes(array, span_of([array], None))
    return pixels_of(Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values), gray)
