"""Pages of digits to spot others of their kind on: where each digit lies is known.

Digits of a data set are scaled and laid on a dark page in random places. Their frames may overlap a
little, so that a window around one holds parts of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.random_streams import stream

Pixels = NDArray[np.uint8]

SIDE = 500
DIGITS = 40
SCALES = (0.8, 1.25)
# Of the smaller of two frames at most this share may lie under the other.
OVERLAP = 0.15


@dataclass(frozen=True)
class Page:
    """`pixels` (H, W); `boxes` (n, 4) as x, y, width, height; `labels` (n,); `records` (n,)."""

    pixels: Pixels
    boxes: NDArray[np.int64]
    labels: NDArray[np.int64]
    records: NDArray[np.int64]

    def of(self, label: int) -> NDArray[np.int64]:
        """The boxes (m, 4) of one label."""
        return self.boxes[self.labels == label]


def make_page(
    source: ArraySource,
    seed: int,
    number: int,
    *,
    without: Sequence[int] = (),
    digits: int = DIGITS,
    side: int = SIDE,
    overlap: float = OVERLAP,
    noise: float = 0,
) -> Page:
    """Page `number` of a seed: `digits` images of `source` whose labels are not in `without`.

    `overlap` is the share of a frame that may lie under another one; `noise` the standard
    deviation of what is added to each pixel, 0-255.
    """
    random = stream(seed, "spotting/page", number)
    usable = np.flatnonzero(~np.isin(source.labels, without))
    records = random.choice(usable, digits, replace=False)
    page = np.zeros((side, side), np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    for image in source.gather(records)[:, 0]:
        size = round(image.shape[0] * random.uniform(*SCALES))
        box = _free_place(random, size, boxes, side, overlap)
        x, y = box[:2]
        scaled = Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR)
        part = page[y : y + size, x : x + size]
        np.maximum(part, np.asarray(scaled), out=part)
        boxes.append(box)
    if noise:
        added = page + np.abs(random.normal(0, noise, page.shape))
        page = np.clip(added, 0, 255).astype(np.uint8)
    return Page(page, np.array(boxes), source.labels[records], records)


def _free_place(
    random: np.random.Generator,
    size: int,
    taken: list[tuple[int, int, int, int]],
    side: int,
    most: float,
) -> tuple[int, int, int, int]:
    while True:
        x, y = (int(at) for at in random.integers(0, side - size + 1, 2))
        box = (x, y, size, size)
        if all(_overlap(box, other) <= most for other in taken):
            return box


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height) / min(a[2] * a[3], b[2] * b[3])
