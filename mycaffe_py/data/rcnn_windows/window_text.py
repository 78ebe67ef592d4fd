"""Builds the feed of a WindowData layer from its text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.rcnn_windows.window_feed import WindowFeed, WindowOptions
from mycaffe_py.data.rcnn_windows.window_list import read_windows
from mycaffe_py.data.transform.list_transform import mean_image_of, purpose_of
from mycaffe_py.data.transform.mean_file import read_mean
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

_MODES = ("warp", "square")
_CHANNELS = 3


def window_feed(layer: pb.LayerParameter, train: bool, seed: int, where: Locations) -> WindowFeed:
    """The feed of a WindowData layer. Errors: each mistake in its options and its window file."""
    param = layer.window_data_param
    transform = layer.transform_param
    at = where.under("window_data_param")
    _check(layer, where)
    windows = read_windows(
        Path(param.source),
        param.root_folder,
        param.fg_threshold,
        param.bg_threshold,
        at.at("source"),
    )
    options = WindowOptions(
        batch_size=param.batch_size,
        crop_size=transform.crop_size,
        context_pad=param.context_pad,
        square=param.crop_mode == "square",
        mirror=transform.mirror,
        object_share=param.fg_fraction,
        scale=param.scale * transform.scale,
        mean=_mean(transform, where.under("transform_param")),
        cache_images=param.cache_images,
    )
    return WindowFeed(windows, options, seed, purpose_of(layer, train))


def _check(layer: pb.LayerParameter, where: Locations) -> None:
    param = layer.window_data_param
    transform = layer.transform_param
    at = where.under("window_data_param")
    title = f"layer '{layer.name}' (WindowData)"
    if param.batch_size < 1:
        raise UserError(f"{title}: batch_size is {param.batch_size}", where=at.at("batch_size"))
    if transform.crop_size < 1:
        raise UserError(
            f"{title} has no crop_size",
            where=where.at("transform_param"),
            wanted="transform_param { crop_size: 227 } says how large windows become",
        )
    if 2 * param.context_pad >= transform.crop_size:
        raise UserError(
            f"{title}: context_pad is {param.context_pad}",
            where=at.at("context_pad"),
            wanted=f"twice as much must fit in crop_size, {transform.crop_size}",
        )
    if param.crop_mode not in _MODES:
        raise UserError(
            f"{title}: crop_mode is '{param.crop_mode}'",
            where=at.at("crop_mode"),
            wanted=f"one of {', '.join(_MODES)}",
        )
    if not 0 <= param.fg_fraction <= 1:
        raise UserError(
            f"{title}: fg_fraction is {param.fg_fraction:g}",
            where=at.at("fg_fraction"),
            wanted="it lies in 0 to 1",
        )


def _mean(param: pb.TransformationParameter, where: Locations) -> NDArray[np.float32] | None:
    """The middle of the mean image, or the mean values, as a square of crop_size."""
    size = param.crop_size
    if param.mean_file and param.mean_value:
        raise UserError("mean_file and mean_value exclude each other", where=where.at("mean_value"))
    if param.mean_value:
        if len(param.mean_value) not in (1, _CHANNELS):
            raise UserError(
                f"{len(param.mean_value)} values in mean_value",
                where=where.at("mean_value"),
                wanted="one, or one for each of the 3 channels",
            )
        values = np.array(param.mean_value, dtype=np.float32)
        return mean_image_of(values, (_CHANNELS, size, size))
    if not param.mean_file:
        return None
    mean = read_mean(Path(param.mean_file), where.at("mean_file"))
    if mean.shape[0] != _CHANNELS or min(mean.shape[1:]) < size:
        raise UserError(
            f"mean_file {param.mean_file} is {mean.shape}",
            where=where.at("mean_file"),
            wanted=f"3 channels and at least crop_size, {size}, pixels either way",
        )
    # Caffe takes the corner from the width alone; for square means that is the middle.
    top, left = ((side - size) // 2 for side in mean.shape[1:])
    return mean[:, top : top + size, left : left + size]
