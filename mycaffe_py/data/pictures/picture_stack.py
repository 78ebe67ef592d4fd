"""Pictures of one size that lie in an array, read as files of them would be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.pictures.picture import (
    EmptyPictureError,
    brought,
    flat_of,
    opened_gray,
)
from mycaffe_py.data.pictures.picture_record import (
    ALWAYS,
    LIGHT_BORDERS,
    LIGHT_FROM,
    PictureRecord,
)

Bytes = NDArray[np.uint8]

_EMPTY = "every pixel of it has the same brightness"


class EmptyInStackError(Exception):
    """Picture `number` of a stack has no ink."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"picture {number} is empty: {_EMPTY}")


def read_stack(pixels: Bytes, record: PictureRecord) -> Bytes:
    """Images (n, C, H, W) of pictures (n, h, w, c) with c = 1, 3 or 4, values 0-255.

    The same as `read_as` makes of files with these pixels. Errors: EmptyInStackError.
    """
    _, height, width = record.shape
    gray = opened_gray(record)
    if pixels.shape[1:] == (height, width, 1 if gray else 3):
        return _of_right_size(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)), record)
    made = np.empty((len(pixels), *record.shape), np.uint8)
    for number, picture in enumerate(pixels):
        image = Image.fromarray(np.ascontiguousarray(picture.squeeze(axis=_lone_axis(picture))))
        try:
            made[number] = brought(flat_of(image, gray), record).pixels
        except EmptyPictureError as error:
            raise EmptyInStackError(number) from error
    return made


def _lone_axis(picture: Bytes) -> tuple[int, ...]:
    """Pillow knows gray pictures without an axis of channels only."""
    return (2,) if picture.shape[2] == 1 else ()


def _of_right_size(images: Bytes, record: PictureRecord) -> Bytes:
    """Images (n, C, H, W) that need no resizing: all at once, by the rules of `brought`.

    C is 1 where pictures in colour are opened in gray.
    """
    if record.known_fit == "ink":
        rows = images.reshape(len(images), -1)
        empty = np.flatnonzero(rows.min(axis=1) == rows.max(axis=1))
        if len(empty):
            raise EmptyInStackError(int(empty[0]))
    if record.invert == ALWAYS:
        images = 255 - images
    elif record.invert == LIGHT_BORDERS:
        light = light_borders(images)
        if light.any():
            images = images.copy()
            images[light] = 255 - images[light]
    return images if images.shape[1] == record.shape[0] else images.repeat(3, axis=1)


def light_borders(images: Bytes) -> NDArray[np.bool_]:
    """(n,) whether the border of each of images (n, C, H, W) is light, as `light_border` has it."""
    edges = [images[:, :, 0], images[:, :, -1], images[:, :, :, 0], images[:, :, :, -1]]
    border = np.concatenate([edge.mean(axis=1) for edge in edges], axis=1)
    light: NDArray[np.bool_] = np.median(border, axis=1) > LIGHT_FROM
    return light
