"""What is done to a picture before a detector sees it: size, mean, scale, order of the colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.pictures.bilinear import resize
from mycaffe_py.data.pictures.decoding import Pixels, decode, read_file
from mycaffe_py.data.pictures.deep_picture import UnreadableError
from mycaffe_py.errors import UserError


@dataclass(frozen=True)
class Preparing:
    """x = (value - mean) * scale, of values 0-255 and a `mean` for all channels or for each.

    Blue is the first channel, as in Caffe, or red with `rgb`.
    """

    mean: tuple[float, ...] = (0.0,)
    scale: float = 1.0
    rgb: bool = False

    def blob(self, pixels: Pixels, height: int, width: int) -> NDArray[np.float32]:
        """(1, C, height, width) of pixels (C, H, W) whose first channel is blue."""
        values = resize(pixels, height, width).astype(np.float32)
        if self.rgb:
            values = values[::-1]
        values = values - np.array(self.mean, np.float32).reshape(-1, 1, 1)
        return (values * np.float32(self.scale))[np.newaxis]


def preparing(mean: Sequence[float], scale: float, rgb: bool, channels: int) -> Preparing:
    """For a net of so many channels. Errors: another number of means, values without sense."""
    means = tuple(float(value) for value in mean) or (0.0,)
    if len(means) not in (1, channels):
        raise UserError(
            f"{len(means)} values of mean",
            wanted=f"the net takes pictures of {channels} channels: one value for all, or "
            f"{channels}, in the order of its channels",
        )
    if not all(map(math.isfinite, means)):
        raise UserError(f"the mean is {', '.join(map('{:g}'.format, means))}", wanted="numbers")
    if not math.isfinite(scale) or scale == 0:
        raise UserError(f"the scale is {scale:g}", wanted="a number, such as 0.00784 for 1 / 127.5")
    if rgb and channels == 1:
        raise UserError("the net takes gray pictures", wanted="they have no order of colours")
    return Preparing(means, float(scale), rgb)


def given_mean(text: str) -> tuple[float, ...]:
    """The mean of "104,117,123". Errors: no numbers."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise UserError(
            f"--mean is '{text}'", wanted="a number for each channel, such as 104,117,123"
        ) from error


def read_pixels(path: Path, gray: bool) -> Pixels:
    """The upright picture in a file (C, H, W), blue first. Errors: none there, no picture."""
    if not path.is_file():
        raise UserError(f"'{path}' is {'a folder' if path.is_dir() else 'not there'}")
    try:
        return decode(read_file(path), "gray" if gray else "color")
    except UnreadableError as error:
        raise UserError(f"'{path}' cannot be read as a picture: {error}") from error


def pixels_of(image: Image.Image, gray: bool) -> Pixels:
    """The same of a Pillow image, which is taken as it lies."""
    if gray:
        return np.asarray(image.convert("L"), np.uint8)[np.newaxis]
    colours = np.asarray(image.convert("RGB"), np.uint8)
    return np.ascontiguousarray(colours.transpose(2, 0, 1)[::-1])
