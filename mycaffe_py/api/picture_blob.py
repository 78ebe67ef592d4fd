"""Pictures as blobs for a net, made as OpenCV's cv2.dnn makes them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.api.given.one_picture import one_picture
from mycaffe_py.api.given.pixel_values import check_real
from mycaffe_py.data.pictures.bilinear import cover, resize
from mycaffe_py.errors import UserError

Blob = NDArray[np.float32]
# Channels of a picture: gray; blue, green, red; and how much it covers what is behind.
_CHANNELS = (1, 3, 4)


def blob_from_image(
    image: Any,
    scale: float = 1.0,
    size: Sequence[int] | None = None,
    mean: float | Sequence[float] = 0.0,
    swap_rb: bool = False,
    crop: bool = False,
) -> Blob:
    """One picture as a blob (1, C, H, W) of float32: cv2.dnn.blobFromImage without OpenCV.

    In this order: the picture is brought to `size`; its first and third channel change places with
    `swap_rb`; `mean` is taken off each channel; what is left is multiplied by `scale`.

    `image` is an array (H, W) or (H, W, C) of uint8 or floats as cv2.imread gives it, blue first;
    or a path or Pillow image, which is read like that: three channels, upright, blue first.
    `size` is (width, height), and None keeps the picture's own. Between pixels the value is
    bilinear, pixel centres on pixel centres, and nothing is averaged when a picture shrinks (cv2's
    INTER_LINEAR: bytes to the bit). The whole picture is stretched to `size`; with `crop` it is
    resized with its shape kept until it covers `size`, and its middle is cut out.
    `mean` has a value for each channel of the blob, after `swap_rb`: blue, green, red without it,
    red, green, blue with it. The values are those that belong to the weights.

    Two differences. In OpenCV one number for `mean` is taken off blue alone; here that is an error
    for a picture in colours. And `scale` is cv2's scalefactor by its place, not by its name.
    Errors: no picture, another number of means, a size that is none.

    >>> import mycaffe_py as mycaffe
    >>> mycaffe.blob_from_image("street.png", size=(300, 300), mean=(104, 117, 123)).shape
    (1, 3, 300, 300)
    """
    return blob_from_images([image], scale, size, mean, swap_rb, crop)


def blob_from_images(
    images: Iterable[Any],
    scale: float = 1.0,
    size: Sequence[int] | None = None,
    mean: float | Sequence[float] = 0.0,
    swap_rb: bool = False,
    crop: bool = False,
) -> Blob:
    """Several pictures as one blob (N, C, H, W), each as `blob_from_image` makes it.

    Without `size` all become as large as the first. Errors: none at all, other channels.
    """
    if isinstance(images, str | os.PathLike | Image.Image):
        raise UserError("one picture is given", wanted="several", do="blob_from_image takes one.")
    if not math.isfinite(scale):
        raise UserError(f"the scale is {scale}", wanted="a number, such as 1 / 127.5")
    pictures = [_picture(image) for image in images]
    if not pictures:
        raise UserError("no picture is given", wanted="at least one")
    channels = {len(picture) for picture in pictures}
    if len(channels) > 1:
        raise UserError(
            f"the pictures have {' and '.join(map(str, sorted(channels)))} channels",
            wanted="all alike, as they become one blob",
        )
    width, height = _size(size) if size is not None else pictures[0].shape[:0:-1]
    fit = cover if crop else resize
    blob = np.stack([fit(picture, height, width) for picture in pictures]).astype(np.float32)
    if swap_rb and blob.shape[1] > 1:
        blob = blob[:, [2, 1, 0, 3][: blob.shape[1]]]
    return (blob - _means(mean, blob.shape[1])) * np.float32(scale)


def _picture(image: Any) -> NDArray[Any]:
    """(C, H, W), blue first. Errors: no picture."""
    if isinstance(image, str | os.PathLike | Image.Image):
        return one_picture(image, gray=False)
    array = np.asarray(image)
    check_real(array)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.shape[2] not in _CHANNELS or not array.size:
        raise UserError(
            f"an array of shape {np.shape(image)} is given",
            wanted="a picture (H, W), or (H, W, C) of 1, 3 or 4 channels",
        )
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise UserError(
            f"the picture has values of {array.dtype}",
            wanted="uint8 or floats",
            do="Its astype(numpy.float32) keeps the values as they are.",
        )
    if array.dtype.itemsize == np.dtype(np.float16).itemsize:
        array = array.astype(np.float32)
    return array.transpose(2, 0, 1)


def _size(size: Sequence[int]) -> tuple[int, int]:
    """(width, height). Errors: something else."""
    try:
        width, height = size
        if int(width) == width > 0 and int(height) == height > 0:
            return int(width), int(height)
    except (TypeError, ValueError):
        pass
    raise UserError(
        f"the size is {size!r}", wanted="(width, height) in pixels, whole numbers from 1"
    )


def _means(mean: float | Sequence[float], channels: int) -> Blob:
    """(C, 1, 1). Errors: another number of them."""
    try:
        values = np.atleast_1d(np.asarray(mean, np.float32))
    except (TypeError, ValueError):
        values = np.full(0, np.nan, np.float32)
    if channels == 4 and len(values) == 3:
        values = np.append(values, np.float32(0))
    if len(values) == 1 and not values[0]:
        values = np.zeros(channels, np.float32)
    if values.shape != (channels,) or not np.isfinite(values).all():
        do = ""
        if len(values) == 1:
            all_alike = f"({', '.join([f'{values[0]:g}'] * channels)})"
            do = f"Write mean={all_alike}; OpenCV takes one number off the first channel alone."
        raise UserError(
            f"the mean is {mean!r}",
            wanted=f"a number for each of the {channels} channels of the picture",
            do=do,
        )
    return values.reshape(-1, 1, 1)
