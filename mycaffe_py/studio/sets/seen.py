"""What a net sees of an image: the image after the transform of a model's data layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.errors import UserError
from mycaffe_py.graph.net_text import NetText, net_text
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.run_card import TextCard
from mycaffe_py.studio.sets.browsed import one
from mycaffe_py.studio.workspace import Workspace


def seen(
    workspace: Workspace, model: str, source: ArraySource, record: int
) -> tuple[NDArray[np.float32], str]:
    """The image (C, h, w) as the model called `model` gets it in the TEST phase, and in words.

    Errors: no such text, one without a data layer, a transform that does not fit the images.
    """
    from mycaffe_py.data.transform.transform import Transform
    from mycaffe_py.data.transform.transform_text import transform_settings

    text = workspace.read(model)
    net = net_text(TextCard(str(workspace.path(model, (".prototxt",))), text.content))
    layer, where = _transforming(net)
    settings = transform_settings(layer.transform_param, source, where)
    transform = Transform(replace(settings, mirror=False), source.shape)
    image = one(source, record)
    output = np.empty((1, 1, *transform.out_shape), np.float32)
    transform.apply(image[np.newaxis], np.zeros(1, np.int64), 0, output)
    return output[0, 0], _words(layer, settings)


def _transforming(net: NetText) -> tuple[pb.LayerParameter, Any]:
    """The layer of the TEST net, else of the TRAIN net, that brings images in."""
    for phase in (pb.TEST, pb.TRAIN):
        selected = net.in_phase(phase).selected()
        for layer in selected:
            if layer.param.HasField("transform_param"):
                return layer.param, layer.where.under("transform_param")
        for layer in selected:
            if layer.param.type in ("Data", "ImageData"):
                return layer.param, layer.where.under("transform_param")
    raise UserError(
        "this model has no data layer",
        wanted="a layer that brings images in says what is done to them",
        do="Choose another model.",
    )


def _words(layer: pb.LayerParameter, settings: Any) -> str:
    done = []
    if settings.channels:
        done.append({"gray": "made gray", "color": "in three channels"}[settings.channels])
    if settings.bgr:
        done.append("blue first")
    if settings.mean is not None:
        done.append("the mean is subtracted")
    if settings.scale != 1:
        done.append(f"times {settings.scale:g}")
    if settings.crop_size:
        done.append(f"the middle of {settings.crop_size} x {settings.crop_size}")
    return f"layer '{layer.name}': {', '.join(done) or 'as it is stored'}"
