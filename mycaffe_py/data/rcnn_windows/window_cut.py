"""Which pixels of a picture a window shows, and where in the square they come to lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.data.rcnn_windows.window_list import RcnnWindow
from mycaffe_py.errors import UserError


@dataclass(frozen=True)
class RcnnCut:
    """Pixels x1 ... x2, y1 ... y2 of the picture, both included, become `height` x `width` pixels
    whose upper left one lies at (`top`, `left`) of the square.
    """

    x1: int
    y1: int
    x2: int
    y2: int
    height: int
    width: int
    top: int = 0
    left: int = 0


def cut_of(
    window: RcnnWindow,
    picture: tuple[int, int],
    crop_size: int,
    context_pad: int = 0,
    square: bool = False,
    mirrored: bool = False,
) -> RcnnCut:
    """The cut of `window` from a picture of (height, width) into a square of `crop_size`.

    Without context and not `square` the window is stretched to the whole square. Otherwise it grows
    about its centre until it fills all but `context_pad` pixels on each side, and first, if
    `square`, to its longer side; what then lies outside of the picture stays free.
    Errors: a window that is not inside of the picture.
    """
    height, width = picture
    if not (0 <= window.x1 <= window.x2 < width and 0 <= window.y1 <= window.y2 < height):
        raise UserError(
            f"window {window.x1} {window.y1} {window.x2} {window.y2} does not lie in its picture",
            where=window.where,
            wanted=f"{window.picture} has {width}x{height} pixels",
        )
    if not context_pad and not square:
        return RcnnCut(window.x1, window.y1, window.x2, window.y2, crop_size, crop_size)
    x_range, y_range = _grown(window, crop_size, context_pad, square)
    x1, x2, x_size, before, after = _clipped(*x_range, width, crop_size)
    y1, y2, y_size, top, _ = _clipped(*y_range, height, crop_size)
    left = after if mirrored else before
    # Rounding may have made room and pixels together one too large.
    y_size, x_size = min(y_size, crop_size - top), min(x_size, crop_size - left)
    return RcnnCut(x1, y1, x2, y2, y_size, x_size, top, left)


def _grown(
    window: RcnnWindow, crop_size: int, context_pad: int, square: bool
) -> tuple[tuple[int, int], tuple[int, int]]:
    """(x1, x2), (y1, y2) with the context; in single precision, as Caffe's nets are."""
    number = np.float32
    scale = number(crop_size) / number(crop_size - 2 * context_pad)
    half_width = number((window.x2 - window.x1 + 1) / 2)
    half_height = number((window.y2 - window.y1 + 1) / 2)
    x = number(window.x1) + half_width
    y = number(window.y1) + half_height
    if square:
        half_width = half_height = max(half_width, half_height)
    return (
        (_rounded(x - half_width * scale), _rounded(x + half_width * scale)),
        (_rounded(y - half_height * scale), _rounded(y + half_height * scale)),
    )


def _clipped(first: int, last: int, size: int, crop_size: int) -> tuple[int, int, int, int, int]:
    """A range brought into 0 ... size - 1: first, last, its new length, and free pixels around."""
    before, after = max(0, -first), max(0, last - size + 1)
    scale = np.float32(crop_size) / np.float32(last - first + 1)
    first, last = first + before, last - after
    length = _rounded(np.float32(last - first + 1) * scale)
    free = [_rounded(np.float32(count) * scale) for count in (before, after)]
    return first, last, length, free[0], free[1]


def _rounded(value: np.float32) -> int:
    """The nearest whole number, halves away from zero as in C."""
    return int(math.copysign(math.floor(abs(float(value)) + 0.5), float(value)))
