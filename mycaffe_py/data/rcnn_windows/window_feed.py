"""Batches of windows cut out of pictures and brought to one size, for R-CNN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.data.pictures.bilinear import resize
from mycaffe_py.data.pictures.decoding import Pixels, decode, read_file
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.data.rcnn_windows.window_cut import cut_of
from mycaffe_py.data.rcnn_windows.window_list import RcnnWindow, RcnnWindows
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

_CHANNELS = 3


@dataclass(frozen=True, eq=False)
class WindowOptions:
    """What is done to each window: (pixel - mean) * scale, in a square of `crop_size` pixels.

    `mean` is (3, crop_size, crop_size); `object_share` of a batch are objects.
    """

    batch_size: int
    crop_size: int
    context_pad: int = 0
    square: bool = False
    mirror: bool = False
    object_share: float = 0.25
    scale: float = 1.0
    mean: NDArray[np.float32] | None = None
    cache_images: bool = False


class WindowFeed(PlainFeed):
    """Tops: data (N, 3, crop_size, crop_size), label (N,). The background comes first.

    Windows are drawn by chance, with repetition, in every phase. Pure: what a batch holds depends
    on seed, purpose and its number alone.
    """

    def __init__(
        self, windows: RcnnWindows, options: WindowOptions, seed: int, purpose: str
    ) -> None:
        self.windows = windows
        self.options = options
        self.seed = seed
        self.purpose = purpose
        self.label_count = max(window.label for window in windows.objects) + 1
        # Caffe multiplies in single precision and cuts off what is not whole.
        self._objects = int(np.float32(options.batch_size) * np.float32(options.object_share))
        self._files: dict[Path, bytes] = {}

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shape of each top."""
        count, size = self.options.batch_size, self.options.crop_size
        return [(count, _CHANNELS, size, size), (count,)]

    def sample(self, batch_number: int) -> tuple[list[RcnnWindow], NDArray[np.bool_]]:
        """The windows of a batch, and which of them are mirrored."""
        count = self.options.batch_size
        draws = stream(self.seed, f"windows/{self.purpose}", batch_number).random((count, 2))
        chosen = []
        for row, draw in enumerate(draws[:, 0].tolist()):
            background = row < count - self._objects
            kind = self.windows.background if background else self.windows.objects
            chosen.append(kind[int(draw * len(kind))])
        mirrored: NDArray[np.bool_] = (draws[:, 1] < 0.5) & self.options.mirror
        return chosen, mirrored

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`."""
        chosen, mirrored = self.sample(batch_number)
        for row, window in enumerate(chosen):
            self._write(window, bool(mirrored[row]), tops[0][row])
        tops[1][...] = [window.label for window in chosen]

    def _write(self, window: RcnnWindow, mirrored: bool, y_out: NDArray[Any]) -> None:
        """One window into y_out (3, h, w); what lies outside of its picture becomes 0."""
        options = self.options
        size = options.crop_size
        image = self._picture(window)
        _, height, width = image.shape
        cut = cut_of(window, (height, width), size, options.context_pad, options.square, mirrored)
        y_out.fill(0)
        if cut.height < 1 or cut.width < 1:
            return
        pixels = resize(image[:, cut.y1 : cut.y2 + 1, cut.x1 : cut.x2 + 1], cut.height, cut.width)
        place = np.s_[:, cut.top : cut.top + cut.height, cut.left : cut.left + cut.width]
        values = pixels[:, :, :: -1 if mirrored else 1].astype(y_out.dtype)
        if options.mean is not None:
            values -= options.mean[place]
        y_out[place] = values * y_out.dtype.type(options.scale)

    def _picture(self, window: RcnnWindow) -> Pixels:
        try:
            data = self._files.get(window.picture) or read_file(window.picture)
            if self.options.cache_images:
                self._files[window.picture] = data
            return decode(data, "color")
        except UnreadableError as error:
            raise UserError(
                f"picture {window.picture} cannot be read: {error}", where=window.where
            ) from error
