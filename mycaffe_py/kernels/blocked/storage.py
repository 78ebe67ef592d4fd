"""Blobs in blocks of channels as flat arrays, and as Caffe has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..vectors.vector import lanes
from .pixel_tile import RUN

Shape = tuple[int, ...]


def block_count(channels: int, dtype: Any) -> int:
    """Vectors that hold the channels of a pixel."""
    return -(-channels // lanes(dtype))


def image_elements(channels: int, height: int, width: int, dtype: Any) -> int:
    """Elements from image to image."""
    return block_count(channels, dtype) * lanes(dtype) * height * width


def stored_elements(shape: Shape, dtype: Any) -> int:
    """Elements of a flat array for a blob (N, C, H, W).

    The kernels may read, but never use, a run of pixels behind the last one.
    """
    images, channels, height, width = shape
    return images * image_elements(channels, height, width, dtype) + RUN * lanes(dtype)


def first_element(channel: int, shape: Shape, dtype: Any) -> int:
    """Where, in the array of a blob, the part of it begins that starts with this channel."""
    return channel // lanes(dtype) * lanes(dtype) * shape[2] * shape[3]


def as_blocks(flat: npt.NDArray[Any], shape: Shape, whole: int) -> npt.NDArray[Any]:
    """View (N, blocks, H, W, lanes) of a blob (N, C, H, W) in the array of `whole` channels."""
    size = lanes(flat.dtype)
    images, own, height, width = shape
    image = image_elements(whole, height, width, flat.dtype)
    blocks = block_count(own, flat.dtype)
    steps = (image, height * width * size, width * size, size, 1)
    return np.lib.stride_tricks.as_strided(
        flat,
        (images, blocks, height, width, size),
        tuple(step * flat.itemsize for step in steps),
    )


def plain_copy(flat: npt.NDArray[Any], shape: Shape, whole: int, y_out: npt.NDArray[Any]) -> None:
    """Write the blob as Caffe has it, (N, C, H, W), to y_out."""
    blocks = as_blocks(flat, shape, whole)
    images, channels, height, width = shape
    size = blocks.shape[-1]
    full = channels // size
    parted = y_out[:, : full * size].reshape(images, full, size, height, width)
    np.copyto(parted, blocks[:, :full].transpose(0, 1, 4, 2, 3))
    if full * size < channels:
        rest = blocks[:, full, :, :, : channels - full * size]
        y_out[:, full * size :] = rest.transpose(0, 3, 1, 2)
