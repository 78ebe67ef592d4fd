"""The transform of pictures that come one by one, and need not be of one size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.transform.transform import Transform, TransformSettings
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, TransformationParameter

Shape3 = tuple[int, int, int]

# Sizes whose means are kept: where there are more, to make one costs less than to decode a picture.
_SIZES = 4


class ListTransform(Transform):
    """As Transform, for images (C, H, W) of any H and W where a crop makes them equal.

    `shape` is that of the first image; `mean_values` (C,) or None replaces settings.mean, which
    only fits images of that shape. With `any_size` images need no crop: a batch is then one image.
    """

    def __init__(
        self,
        settings: TransformSettings,
        shape: Shape3,
        train: bool,
        seed: int,
        purpose: str,
        mean_values: NDArray[np.float32] | None = None,
        any_size: bool = False,
    ) -> None:
        super().__init__(settings, shape, train, seed, purpose)
        self.any_size = any_size
        self._mean_values = mean_values
        self._sized = lru_cache(maxsize=_SIZES)(self._make_sized)

    def apply_list(
        self,
        images: Sequence[Images],
        batch_number: int,
        y_out: NDArray[Any],
        name: Callable[[int], str],
    ) -> None:
        """Write a batch into y_out (N, C, h, w); `name(i)` tells what image i is in an error."""
        for place, image in enumerate(images):
            self._check(image.shape, name, place)
        count = len(images)
        if all(image.shape == self.in_shape for image in images):
            numbers = np.arange(count, dtype=np.int64)
            together = cast(Images, np.stack(images))
            self.apply(together, numbers, batch_number, y_out[:, np.newaxis])
            return
        draws = self._drawn(batch_number, count)
        for place, image in enumerate(images):
            own = None if draws is None else draws[place : place + 1]
            rows = y_out[place : place + 1, np.newaxis]
            self._sized(image.shape).write_one(image, own, rows)

    def out_shape_of(self, image: Images) -> Shape3:
        """(C, h, w) of what becomes of `image`."""
        channels, height, width = image.shape
        return (channels, height, width) if self.any_size else self.out_shape

    def write_one(
        self, image: Images, draws: NDArray[np.float64] | None, y_out: NDArray[Any]
    ) -> None:
        """One image of this transform's shape into y_out (1, 1, C, h, w), with these numbers."""
        first = np.zeros(1, dtype=np.int64)
        # A copy: kernels are compiled anew for arrays that may not be written into.
        self._write(cast(Images, np.stack([image])), first, *self._chosen(1, draws), y_out)

    def _make_sized(self, shape: Shape3) -> ListTransform:
        mean = None if self._mean_values is None else mean_image_of(self._mean_values, shape)
        settings = replace(self.settings, mean=mean)
        return ListTransform(settings, shape, self.train, self.seed, self.purpose)

    def _check(self, shape: tuple[int, ...], name: Callable[[int], str], place: int) -> None:
        if shape == self.in_shape:
            return
        if shape[0] != self.in_shape[0]:
            raise UserError(
                f"{name(place)} has {shape[0]} channels",
                wanted=f"the first picture has {self.in_shape[0]}",
                do="force_color or force_gray decodes all pictures alike.",
            )
        crop = self.settings.crop_size
        size = f"{shape[1]}x{shape[2]}"
        first = f"{self.in_shape[1]}x{self.in_shape[2]}"
        if not self.any_size and min(shape[1:]) < (crop or math.inf):
            wanted = f"crop_size is {crop}" if crop else f"the first picture has {first} pixels"
            raise UserError(
                f"{name(place)} has {size} pixels (height x width)",
                wanted=wanted,
                do="" if crop else "Resize the pictures, or give crop_size, or batch_size 1.",
            )
        if self.settings.mean is not None and self._mean_values is None:
            raise UserError(
                f"{name(place)} has {size} pixels (height x width)",
                wanted=f"the mean_file is for {first}",
                do="mean_value works for pictures of any size.",
            )


def mean_image_of(values: NDArray[np.float32], shape: Shape3) -> NDArray[np.float32]:
    """A mean image (C, H, W) from one value, or one for each channel."""
    return np.ascontiguousarray(np.broadcast_to(values.reshape(-1, 1, 1), shape))


@dataclass(frozen=True)
class _Pictures:
    name: str
    shape: Shape3


def list_transform(
    layer: LayerParameter,
    name: str,
    shape: Shape3,
    train: bool,
    seed: int,
    where: Locations,
    alone: bool = False,
) -> ListTransform:
    """The transform of a layer that reads pictures Caffe's way; `shape` is the first one's.

    Where each picture is `alone` in its batch and none is cropped, they may be of any size.
    Their colours are settled when they are decoded (see `color_choice`).
    """
    given = layer.transform_param
    param = TransformationParameter()
    param.CopyFrom(given)
    for field in ("force_color", "force_gray", "color_order"):
        param.ClearField(field)
    settings = transform_settings(param, _Pictures(name, shape), where)
    values = np.array(given.mean_value, dtype=np.float32) if given.mean_value else None
    own_seed = given.random_seed if given.HasField("random_seed") else seed
    purpose = purpose_of(layer, train)
    free = alone and not param.crop_size
    return ListTransform(settings, shape, train, own_seed, purpose, values, free)


def purpose_of(layer: LayerParameter, train: bool) -> str:
    """The name under which a data layer draws its random numbers."""
    return f"{'train' if train else 'test'}/{layer.name}"


def color_choice(param: TransformationParameter, where: Locations) -> tuple[str, bool]:
    """How pictures are decoded: "color", "gray" or "" for as they are; and whether blue is first.

    Blue is first unless color_order says RGB. Errors: both colours and gray forced.
    """
    if param.force_color and param.force_gray:
        raise UserError(
            "force_color and force_gray exclude each other", where=where.at("force_gray")
        )
    colors = "color" if param.force_color else "gray" if param.force_gray else ""
    rgb = param.HasField("color_order") and param.color_order == TransformationParameter.RGB
    return colors, not rgb
