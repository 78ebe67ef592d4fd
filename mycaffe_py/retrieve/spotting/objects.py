"""Pieces of ink on a page, each read as one picture of the data set: scaled and centred by its ink.

A window that slides over a page seldom frames a thing as the data set did, and one that cuts a
piece off a thing may look like another. So the ink of a window is followed to where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.picture_fit import centred
from mycaffe_py.kernels.retrieval.connected import label_connected
from mycaffe_py.retrieve.spotting.boxes import Boxes, shared
from mycaffe_py.retrieve.spotting.ink import Pixels, frame_of, ink_box

# What hangs together by fainter ink than this does not hang together.
_INK_FROM = 64
# A piece belongs to a window that holds more than this part of it.
_MOST_OF_IT = 0.6
# What is less than this part of a window's ink is dust.
_DUST = 0.02
# The frame of a window and the one of its ink are of the same thing from here on (IoU).
_SAME_FRAME = 0.45
# A piece so much larger than the largest window allows consists of things that touch.
_TOUCHING = 1.2


@dataclass(frozen=True)
class Whole:
    """Ink of a page as one picture of the data set: `picture` (H, W), light on dark.

    `frame` and `tight` are boxes on the page (4,): the frame of that picture, and its ink alone.
    """

    picture: Pixels
    frame: Boxes
    tight: Boxes


class Objects:
    """The pieces of light-on-dark `ink` (H, W) of a page, for nets that take `size` (H, W).

    `largest` is the height of the largest window, in pixels of the page.
    """

    def __init__(self, ink: Pixels, size: tuple[int, int], largest: float) -> None:
        """Find what hangs together."""
        self._ink = ink
        self._size = size
        self._largest = largest
        self._labels = np.empty(ink.shape, np.int32)
        parents = np.empty(-(-ink.shape[0] // 2) * -(-ink.shape[1] // 2) + 1, np.int64)
        count = label_connected(ink >= _INK_FROM, parents, self._labels)
        self._pixels = np.bincount(self._labels.reshape(-1), minlength=count + 1)
        self._ends = _ends_of(self._labels, count)
        self._whole = lru_cache(maxsize=4096)(self._make_whole)

    def whole(self, box: Boxes) -> Whole | None:
        """The things in `box` (4,) as one picture, if their frame is about that box."""
        found = self._whole(self._members(box))
        return found if found and shared(found.frame, box[np.newaxis])[0] >= _SAME_FRAME else None

    def everything(self) -> Whole | None:
        """All ink but dust as one picture; None where there is none."""
        height, width = self._ink.shape
        return self._whole(self._members(np.array([0, 0, width, height], np.float64)))

    def touches(self, box: Boxes) -> bool:
        """Whether the largest piece of ink in `box` is too large for one thing."""
        numbers, _ = self._inside(box)
        if not len(numbers):
            return False
        x, y, right, low = self._ends[numbers[0]]
        return frame_of((right - x, low - y), self._size)[1] > _TOUCHING * self._largest

    def _inside(self, box: Boxes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pieces (m,) with ink in `box`, most of it first, and how many pixels of them."""
        part = self._cut(self._labels, box)
        numbers, counts = np.unique(part, return_counts=True)
        numbers, counts = numbers[numbers > 0], counts[numbers > 0]
        order = np.argsort(-counts, kind="stable")
        return numbers[order].astype(np.int64), counts[order]

    def _members(self, box: Boxes) -> tuple[int, ...]:
        numbers, counts = self._inside(box)
        mine = counts > _MOST_OF_IT * self._pixels[numbers]
        mine &= counts > _DUST * counts[mine].sum()
        return tuple(sorted(numbers[mine].tolist()))

    def _make_whole(self, members: tuple[int, ...]) -> Whole | None:
        if not members:
            return None
        ends = self._ends[list(members)]
        x, y = np.maximum(ends[:, :2].min(axis=0) - 1, 0).tolist()
        right, low = (ends[:, 2:].max(axis=0) + 1).tolist()
        mine = np.isin(self._labels[y:low, x:right], members)
        ink = np.where(_grown(mine), self._ink[y:low, x:right], 0).astype(np.uint8)
        tight = ink_box(ink)
        if tight is None:
            return None
        width, height = frame_of(tight[2:], self._size)
        mass = ink.astype(np.float64)
        down = float((mass.sum(axis=1) * (np.arange(len(ink)) + 0.5)).sum() / mass.sum())
        across = float((mass.sum(axis=0) * (np.arange(ink.shape[1]) + 0.5)).sum() / mass.sum())
        frame = np.array([x + across - width / 2, y + down - height / 2, width, height])
        own = np.array([x + tight[0], y + tight[1], tight[2], tight[3]], np.float64)
        return Whole(centred(ink, *self._size), frame, own)

    def _cut(self, values: NDArray[np.int32], box: Boxes) -> NDArray[np.int32]:
        x, y = np.maximum(np.rint(box[:2]), 0).astype(int)
        right, low = np.maximum(np.rint(box[:2] + box[2:]), 0).astype(int)
        return values[y:low, x:right]


def _ends_of(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """x, y, and the ends of x and y (count + 1, 4) of each number; row 0 means nothing."""
    ends = np.zeros((count + 1, 4), np.int64)
    ends[:, :2] = max(labels.shape)
    y, x = np.nonzero(labels)
    number = labels[y, x]
    for column, values in ((0, x), (1, y)):
        np.minimum.at(ends[:, column], number, values)
        np.maximum.at(ends[:, column + 2], number, values + 1)
    return ends


def _grown(mine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`mine` (H, W) and the places around it: the faint edge of ink belongs to it."""
    wide = mine.copy()
    wide[1:] |= mine[:-1]
    wide[:-1] |= mine[1:]
    wide[:, 1:] |= wide[:, :-1].copy()
    wide[:, :-1] |= wide[:, 1:].copy()
    return wide
