"""From stored pixels to a net's input, in Caffe's order: (pixel - mean) * scale.

First the channels are made gray, coloured or BGR, and in TRAIN the image is warped if asked; then
the mean is subtracted, the scale applied, and the crop window read, mirrored or not. The mean image
has the full size: it is cropped with the image. Mirroring is random in every phase, as in Caffe;
cropping and warping are random in TRAIN only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.transform.augment import DRAWS, MORE_DRAWS, SHAPE_DRAWS, Warp, warp_of
from mycaffe_py.data.transform.augment import Augment as Augment
from mycaffe_py.data.transform.tint import tinted
from mycaffe_py.kernels.transform import transform_images, warp_images
from mycaffe_py.random_streams import stream

# Weights of red, green and blue in gray: ITU-R BT.601, as image libraries use them.
GRAY_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class TransformSettings:
    """What to do with each image; `mean` (C, H, W) is in the units of the stored pixels.

    `crop_size` 0 keeps the full size. `channels` is "gray", "color" or "" for as stored; `bgr`
    turns the order of three channels round.
    """

    scale: float = 1.0
    mirror: bool = False
    crop_size: int = 0
    channels: str = ""
    bgr: bool = False
    mean: NDArray[np.float32] | None = None
    augment: Augment = field(default_factory=Augment)


class Transform:
    """Brings images of `in_shape` (C, H, W) to `out_shape`; `warps` says that it changes them.

    Pure: what happens to row i of batch b depends on seed, purpose, b and i alone.
    """

    def __init__(
        self,
        settings: TransformSettings,
        shape: tuple[int, int, int],
        train: bool = False,
        seed: int = 0,
        purpose: str = "test",
    ) -> None:
        self.settings = settings
        self.train = train
        self.seed = seed
        self.purpose = purpose
        self.in_shape = shape
        channels, height, width = shape
        channels = {"gray": 1, "color": 3}.get(settings.channels, channels)
        crop = settings.crop_size
        self.out_shape = (channels, crop or height, crop or width)
        self._spare = (height - self.out_shape[1], width - self.out_shape[2])
        self._mean: NDArray[Any] = (
            np.zeros((channels, height, width), dtype=np.float32)
            if settings.mean is None
            else settings.mean
        )
        stored = shape[0]
        self._changes_channels = channels != stored or (settings.bgr and stored == 3)
        self.warps = train and settings.augment.changes
        self._centred = lru_cache(maxsize=2)(self._make_centred)
        self._draws = settings.mirror or (train and (bool(crop) or self.warps))

    def apply(
        self,
        images: Images,
        records: NDArray[np.int64],
        batch_number: int,
        y_out: NDArray[Any],
        part: tuple[int, int] = (0, 0),
    ) -> None:
        """Write the images `records` (N*k,) of `images` (n, C, H, W) into y_out (N, k, C', h, w).

        They are a batch of that number; y_out is float32 or float64. `part`: they begin at that
        place of a batch of so many images, where they are not all of it.
        """
        count = len(records)
        first, whole = part
        draws = self._drawn(batch_number, whole or count)
        choices = self._chosen(count, None if draws is None else draws[first : first + count])
        self._write(images, records, *choices, y_out)

    def _drawn(self, batch_number: int, count: int) -> NDArray[np.float64] | None:
        """The random numbers of a batch's images (see data/transform/augment.py); None where none
        are asked.

        (count, DRAWS), with MORE_DRAWS and SHAPE_DRAWS behind them where these are used.
        """
        if not self._draws:
            return None
        name = f"transform/{self.purpose}"
        draws = stream(self.seed, name, batch_number).random((count, DRAWS))
        if not (self.warps and self.settings.augment.draws_more):
            return draws
        more = stream(self.seed, f"{name}/more", batch_number).random((count, MORE_DRAWS))
        if not self.settings.augment.draws_shape:
            return np.hstack([draws, more])
        shape = stream(self.seed, f"{name}/shape", batch_number).random((count, SHAPE_DRAWS))
        return np.hstack([draws, more, shape])

    def _chosen(
        self, count: int, draws: NDArray[np.float64] | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], Warp | None]:
        """Mirror (count,), corner (count, 2) and warp or None of images."""
        mirror, corner = self._centred(count)
        warp = None
        if draws is not None:
            if self.settings.mirror:
                mirror = draws[:, 0] < 0.5
            if self.train:
                corner = (draws[:, 1:3] * (np.array(self._spare) + 1)).astype(np.int64)
            if self.warps:
                shape = (self.out_shape[0], *self.in_shape[1:])
                warp = warp_of(self.settings.augment, shape, draws)
        return mirror, corner, warp

    def _make_centred(self, count: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Not mirrored, and the corner of the window in the middle, for so many images."""
        corner = np.array(self._spare, dtype=np.int64) // 2
        return np.zeros(count, dtype=np.bool_), np.tile(corner, (count, 1))

    def _write(
        self,
        images: Images,
        records: NDArray[np.int64],
        mirror: NDArray[np.bool_],
        corner: NDArray[np.int64],
        warp: Warp | None,
        y_out: NDArray[Any],
    ) -> None:
        if images.dtype == np.float16:
            # Kernels know no half precision; features may be stored in it.
            images = images.take(records, axis=0).astype(np.float32)
            records = np.arange(len(records))
        if self._changes_channels:
            images = with_channels(images[records], self.settings.channels, self.settings.bgr)
            records = np.arange(len(records))
        mean = self._mean.astype(y_out.dtype, copy=False)
        scale = y_out.dtype.type(self.settings.scale)
        written = y_out if y_out.flags.c_contiguous else np.empty(y_out.shape, y_out.dtype)
        if warp is None:
            x, chosen = _read_only(images), _read_only(records)
            transform_images(x, chosen, mean, scale, mirror, corner, written)
        else:
            kind = y_out.dtype
            if warp.tint is not None:
                order = slice(None, None, -1 if self.settings.bgr else 1)
                images = tinted(images[records], warp.tint[:, order, order].astype(kind))
                records = np.arange(len(records))
            matrix = warp.matrix.astype(kind)
            gain = (warp.gain[:, np.newaxis] * warp.colour).astype(kind)
            fill = kind.type(self.settings.augment.fill)
            x, chosen = _read_only(images), _read_only(records)
            warp_images(x, chosen, mean, scale, mirror, corner, matrix, gain, fill, written)
        if written is not y_out:
            np.copyto(y_out, written)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view that nothing can be written through.

    A kernel is compiled for each kind of arguments: those in memory and those of mapped files,
    which are read-only, are of one kind so.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def with_channels(images: Images, channels: str, bgr: bool) -> Images:
    """Images (M, C, H, W) made gray or coloured, and BGR; unchanged where they are that already.

    Gray bytes are rounded to bytes again, as when a gray picture is decoded.
    """
    if channels == "gray" and images.shape[1] == 3:
        return _gray(images)
    if channels == "color" and images.shape[1] == 1:
        return images.take([0, 0, 0], axis=1)
    if bgr and images.shape[1] == 3:
        return images.take([2, 1, 0], axis=1)
    return images


def _gray(images: Images) -> Images:
    gray = np.tensordot(GRAY_WEIGHTS, images.astype(np.float32), axes=(0, 1))[:, np.newaxis]
    if images.dtype == np.uint8:
        return np.round(gray).astype(np.uint8)
    return gray.astype(np.float32)
