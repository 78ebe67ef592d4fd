"""How a picture and the picture of its labels are resized, cut and mirrored alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.bilinear import resize
from mycaffe_py.data.pictures.decoding import Pixels


@dataclass(frozen=True)
class Cutting:
    """What is done to a picture and its labels.

    `crop` (height, width) or None for all of it, its place found `by_chance` or the middle;
    `ignored` is the label of what a crop lacks, None where it may lack nothing. `factors`: by one
    of them the picture is resized first. `divided`: without a crop labels are so many times
    smaller on both axes.
    """

    mean: NDArray[np.float32]
    scale: float
    mirror: bool
    crop: tuple[int, int] | None
    ignored: int | None
    by_chance: bool
    factors: tuple[float, ...] = ()
    divided: int = 1

    @property
    def draws(self) -> int:
        """How many random numbers a picture takes."""
        return 4 if self.factors else 3

    def apply(
        self, image: Pixels, labels: Pixels, draws: NDArray[np.float64]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """(pixels - mean) * scale and labels, resized, cut and mirrored alike.

        What a crop lacks is added below and on the right: the mean, and `ignored` labels.
        """
        if self.factors:
            image, labels = self._resized(image, labels, draws[3])
        data = (image - self.mean.reshape(-1, 1, 1)) * np.float32(self.scale)
        marks = labels.astype(np.float32)
        if self.crop:
            lacking = [
                (0, max(0, wanted - length))
                for wanted, length in zip((0, *self.crop), image.shape, strict=True)
            ]
            data = np.pad(data, lacking)
            marks = np.pad(marks, lacking, constant_values=self.ignored or 0)
            spare = np.array(data.shape[1:]) - self.crop
            top, left = (draws[1:3] * (spare + 1)).astype(int) if self.by_chance else spare // 2
            height, width = self.crop
            part = (..., slice(top, top + height), slice(left, left + width))
            data, marks = data[part], marks[part]
        if self.mirror and draws[0] < 0.5:
            data, marks = data[..., ::-1], marks[..., ::-1]
        return data, marks

    def _resized(self, image: Pixels, labels: Pixels, draw: float) -> tuple[Pixels, Pixels]:
        factor = self.factors[int(draw * len(self.factors))]
        size = [max(1, int(length * factor)) for length in image.shape[1:]]
        return resize(image, *size), nearest_labels(labels, size[0], size[1])


def nearest_labels(labels: Pixels, height: int, width: int) -> Pixels:
    """Labels (1, H, W) in another size, none mixed with another."""
    rows, columns = (
        (np.arange(wanted) * there) // wanted
        for wanted, there in zip((height, width), labels.shape[1:], strict=True)
    )
    return labels[:, rows[:, None], columns]
