"""The small picture that is looked for: as the net takes it, and how large it is on a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.pictures.picture import read_as
from mycaffe_py.data.pictures.picture_record import PictureRecord, light_border
from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.spotting.boxes import Boxes
from mycaffe_py.retrieve.spotting.ink import Spread, ink_of, spread
from mycaffe_py.retrieve.spotting.objects import Objects
from mycaffe_py.trained.read_picture import read_picture

Pixels = NDArray[np.uint8]

# It is looked for as the mean of what the net makes of it turned and moved a little: things on a
# page are never framed alike.
_TURNS = (-8, 0, 8)
_MOVES = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
# By this part of its side, at least one pixel.
_MOVED = 1 / 28
# A picture whose sides are so much shorter than the frame of its ink is cut to the ink.
_TIGHT = 0.8


@dataclass(frozen=True)
class Query:
    """`pixels` (C, H, W) are what the net takes, `encoding` (1, D) what it makes of them.

    `window` (w, h) is what the net sees at scale 1, in pixels of the file, and `inside` (4,) the
    part of it that the file shows. `ink` tells how the ink lies in the window, None where the net
    does not read pictures by their ink; `dark` that it is darker than its paper there, `tight` that
    the file is cut to its ink. `contrast` is the standard deviation of the pixels.
    """

    path: Path
    pixels: Pixels
    encoding: FeatureRows
    window: tuple[float, float]
    inside: Boxes
    ink: Spread | None
    dark: bool
    tight: bool
    contrast: float


def read_query(path: Path, record: PictureRecord, net: AnsweringNet) -> Query:
    """The picture at `path`, read as `record` says, for `net`. Errors: no picture, an empty one."""
    drawn = read_picture(path, record.shape, record).pixels
    own = read_as(path, record, own_size=True).pixels
    height, width = own.shape[1:]
    seen, ink, dark, tight = drawn, None, False, False
    if record.known_fit == "ink" and record.gray:
        whole = Objects(ink_of(own), record.shape[1:], np.inf).everything()
        if whole is None:
            raise UserError(f"query '{path}' shows nothing", wanted="ink that hangs together")
        seen = whole.picture[np.newaxis]
        ink = spread(whole.picture, np.zeros((1, 2), np.int64), record.shape[1:])
        dark = light_border(own)
        if dark:
            seen = 255 - seen
        window = (float(whole.frame[2]), float(whole.frame[3]))
        tight = min(width / window[0], height / window[1]) < _TIGHT
        inside = np.array([0, 0, *window])
    else:
        window, inside = _window(record, width, height)
    encoding = net.encodings(_views(seen)).mean(axis=0, keepdims=True)
    contrast = float(seen.mean(axis=0).std())
    return Query(path, seen, encoding, window, inside, ink, dark, tight, contrast)


def _window(record: PictureRecord, width: int, height: int) -> tuple[tuple[float, float], Boxes]:
    """What of a plane around a picture of this size the net sees, and the picture inside it."""
    ratio = record.width / width, record.height / height
    scales = {"pad": (min(ratio),) * 2, "crop": (max(ratio),) * 2}.get(record.known_fit, ratio)
    window = record.width / scales[0], record.height / scales[1]
    shown = min(width, window[0]), min(height, window[1])
    left, top = (window[0] - shown[0]) / 2, (window[1] - shown[1]) / 2
    return window, np.array([left, top, *shown])


def _views(pixels: Pixels) -> Pixels:
    """(n, C, H, W): pixels (C, H, W) turned and moved a little, the border's colour behind them."""
    picture = as_picture(pixels)
    edges = [pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]]
    paper = np.median(np.concatenate(edges, axis=1), axis=1).astype(int).tolist()
    fill = paper[0] if len(paper) == 1 else tuple(paper)
    y_step, x_step = (max(1, round(side * _MOVED)) for side in pixels.shape[1:])
    views = [
        np.asarray(
            picture.rotate(
                turn,
                Image.Resampling.BILINEAR,
                translate=(x * x_step, y * y_step),
                fillcolor=fill,
            )
        )
        for turn in _TURNS
        for x, y in _MOVES
    ]
    stacked = np.stack(views)
    if stacked.ndim == 3:
        return stacked[:, np.newaxis]
    return np.ascontiguousarray(stacked.transpose(0, 3, 1, 2))
