"""The images that a layer reads from LMDB, LevelDB or a list of files, as one source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.array_source import ArraySource, Images, make_source
from mycaffe_py.data.caffe_stores.image_list import Decoding, read_list
from mycaffe_py.data.caffe_stores.record_feed import read_record
from mycaffe_py.data.caffe_stores.stores import open_records
from mycaffe_py.data.feed import backend_of, reads_folder
from mycaffe_py.data.transform.list_transform import color_choice
from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


@dataclass(frozen=True, eq=False)
class LayerSource(ArraySource):
    """Images in the colours and the order of channels that the layer's net reads.

    With `turns` they are red first, and the net reads blue first.
    """

    turns: bool = field(default=False, kw_only=True)


def store_of(layer: LayerParameter) -> str:
    """The folder or the list that a layer reads, "" for every other layer."""
    if layer.type == "Data" and layer.data_param.source and reads_folder(layer.data_param):
        return layer.data_param.source
    return layer.image_data_param.source if layer.type == "ImageData" else ""


def blue_first(layer: LayerParameter) -> bool:
    """Whether a colour picture enters the net of such a layer blue first."""
    return color_choice(layer.transform_param, Locations.none())[1]


def source_of_layer(layer: LayerParameter) -> LayerSource:
    """All images and labels of such a layer, each once, in the order they are stored.

    Errors: a store that cannot be had, an image that cannot be read, images of several shapes.
    """
    name = store_of(layer)
    images: list[Images] = []
    labels: list[int] = []
    for image, label in _listed(layer) if layer.type == "ImageData" else _records(layer):
        if images and (image.shape != images[0].shape or image.dtype != images[0].dtype):
            raise UserError(
                f"image {len(images)} of {name} is {image.dtype} {image.shape}",
                wanted=f"the first one is {images[0].dtype} {images[0].shape}, and here they must "
                "be alike",
                do="Name another source with --source DATASET.SPLIT.",
            )
        images.append(image)
        labels.append(label)
    together: Any = np.stack(images)
    made = make_source(name, together, np.array(labels, np.int64))
    return LayerSource(**vars(made))


def _records(layer: LayerParameter) -> Iterator[tuple[Images, int]]:
    param = layer.data_param
    walk = open_records(Path(param.source), backend_of(param))
    colors, bgr = color_choice(layer.transform_param, Locations.none())
    for number in range(walk.length()):
        yield read_record(walk, number, colors, bgr)


def _listed(layer: LayerParameter) -> Iterator[tuple[Images, int]]:
    param = layer.image_data_param
    size = (param.new_height, param.new_width) if param.new_height else None
    decoding = Decoding("color" if param.is_color else "gray", blue_first(layer), size)
    for line in read_list(Path(param.source), param.root_folder, Locations.none().at()):
        yield decoding.pixels(line), line.label
