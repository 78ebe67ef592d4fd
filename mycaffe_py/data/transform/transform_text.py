"""What a layer's transform_param asks for, checked against the images of its source."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.source import training_mean
from mycaffe_py.data.transform.mean_file import read_mean_file
from mycaffe_py.data.transform.transform import Augment, TransformSettings, with_channels
from mycaffe_py.data.transform.transform_blocks import refuse_active_blocks
from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import AugmentParameter, TransformationParameter


class Pictures(Protocol):
    """What is asked of a source here."""

    @property
    def name(self) -> str:
        """As the user knows it."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of its images."""


def transform_settings(
    param: TransformationParameter, source: Pictures, where: Locations
) -> TransformSettings:
    """Settings for the images of `source`; `where` holds the places of transform_param's fields.

    Errors: a crop larger than the image, means that exclude each other or do not fit, colours that
    cannot be had, numbers that are not finite, blocks of MyCaffe's that are active.
    """
    if not math.isfinite(param.scale):
        raise UserError(f"scale is {param.scale}", where=where.at("scale"))
    if param.scale_operator == TransformationParameter.POW:
        raise UserError(
            "scale_operator POW is not supported", where=where.at("scale_operator"), do="Use MUL."
        )
    if param.forced_positive_range_max:
        raise UserError(
            "forced_positive_range_max is not supported",
            where=where.at("forced_positive_range_max"),
            wanted="it stretches each batch by its own extremes; scale and mean_value do not",
        )
    refuse_active_blocks(param, where)
    channels = _channels(param, source, where)
    multiplies = param.scale_operator == TransformationParameter.MUL
    _check_crop(param, source, where)
    return TransformSettings(
        scale=param.scale if multiplies else 1.0,
        mirror=param.mirror,
        crop_size=param.crop_size,
        channels=channels,
        bgr=param.color_order == TransformationParameter.BGR,
        mean=_mean(param, channels, source, where),
        augment=_augment(param.augment_param, where.under("augment_param")),
    )


def _channels(param: TransformationParameter, source: Pictures, where: Locations) -> str:
    if param.force_color and param.force_gray:
        raise UserError(
            "force_color and force_gray exclude each other", where=where.at("force_gray")
        )
    for field, wanted in (("force_color", "color"), ("force_gray", "gray")):
        if not getattr(param, field):
            continue
        if source.shape[0] not in (1, 3):
            raise UserError(
                f"'{source.name}' has {source.shape[0]} channels",
                where=where.at(field),
                wanted=f"{field} works on 1 or 3",
            )
        return wanted
    return ""


def _check_crop(param: TransformationParameter, source: Pictures, where: Locations) -> None:
    _, height, width = source.shape
    if param.crop_size > min(height, width):
        raise UserError(
            f"crop_size {param.crop_size} is larger than the images",
            where=where.at("crop_size"),
            wanted=f"'{source.name}' has images of {height}x{width} pixels",
        )


def _mean(
    param: TransformationParameter, channels: str, source: Pictures, where: Locations
) -> NDArray[np.float32] | None:
    """The mean image in the channels the net sees, full size; None for none."""
    given = [
        field
        for field, present in (
            ("mean_file", bool(param.mean_file)),
            ("mean_value", bool(param.mean_value)),
            ("use_imagedb_mean", param.use_imagedb_mean),
        )
        if present
    ]
    if len(given) > 1:
        raise UserError(f"{' and '.join(given)} exclude each other", where=where.at(given[1]))
    if not given:
        return None
    count = {"gray": 1, "color": 3}.get(channels, source.shape[0])
    shape = (count, *source.shape[1:])
    if param.mean_file:
        return read_mean_file(Path(param.mean_file), shape, where.at("mean_file"))
    if param.use_imagedb_mean:
        if not isinstance(source, ArraySource):
            raise UserError(
                f"'{source.name}' is no source of the image database",
                where=where.at("use_imagedb_mean"),
                do="'mycaffe dataset mean' makes a mean_file.",
            )
        bgr = param.color_order == TransformationParameter.BGR
        mean: NDArray[np.float32] = with_channels(
            training_mean(source)[np.newaxis], channels, bgr
        ).astype(np.float32)[0]
        return mean
    if len(param.mean_value) not in (1, count):
        raise UserError(
            f"{len(param.mean_value)} values in mean_value",
            where=where.at("mean_value"),
            wanted=f"one, or one for each of the {count} channels",
        )
    values = np.array(param.mean_value, dtype=np.float32).reshape(-1, 1, 1)
    return np.ascontiguousarray(np.broadcast_to(values, shape))


def _augment(param: AugmentParameter, where: Locations) -> Augment:
    limits = {
        "rotate": 180.0, "zoom": 0.9, "shear": 2.0, "probability": 1.0, "shift": math.inf,
        "crop": 0.9, "flip": 1.0, "brightness": 1.0, "color": 1.0, "stretch": 0.9, "hue": 180.0,
        "saturation": 1.0,
    }  # fmt: skip
    for field, limit in limits.items():
        value = getattr(param, field)
        # Written so that NaN fails too.
        if not (0 <= value <= limit and math.isfinite(value)):
            raise UserError(
                f"{field} is {value:g}", where=where.at(field), wanted=f"it lies in 0 to {limit:g}"
            )
    if not math.isfinite(param.fill_value):
        raise UserError(f"fill_value is {param.fill_value}", where=where.at("fill_value"))
    return Augment(
        shift=param.shift,
        rotate=param.rotate,
        zoom=param.zoom,
        shear=param.shear,
        probability=param.probability,
        fill=param.fill_value,
        crop=param.crop,
        flip=param.flip,
        brightness=param.brightness,
        color=param.color,
        stretch=param.stretch,
        hue=param.hue,
        saturation=param.saturation,
    )
