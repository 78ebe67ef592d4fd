"""How labels come from a data layer to a Decode layer, which learns its centroids by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.utility.label_mapping import new_labels
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

# Their tops hold the labels of their first bottom, in other rows or axes at most.
_CARRY = ("Split", "Slice", "Reshape", "Flatten")


@dataclass(frozen=True)
class LabelWay:
    """The labels of the layer `data`, replaced by each of `mappings` in turn."""

    data: LayerParameter
    mappings: tuple[Mapping[int, int], ...] = ()

    def labels(self, stored: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the Decode layer gets for images whose labels in the data set are `stored`."""
        found = stored
        for mapping in self.mappings:
            found = np.array([mapping.get(label, label) for label in found.tolist()], np.int64)
        return found


def moves(train: NetText, name: str) -> bool:
    """Whether training moves the centroids of the Decode layer `name`; those of PREGEN stay."""
    layers = [layer for layer in _layers(train) if layer.name == name and len(layer.bottom) > 1]
    options = [layer.decode_param for layer in layers]
    return any(one.enable_centroid_update and one.target != one.PREGEN for one in options)


def label_way(train: NetText, name: str) -> LabelWay:
    """How the labels of the Decode layer `name` are made in the TRAIN net `train`.

    Errors: they are no class numbers of a data layer.
    """
    layers = _layers(train)
    place = max(i for i, layer in enumerate(layers) if layer.name == name)
    blob = layers[place].bottom[1]
    mappings: list[Mapping[int, int]] = []
    while True:
        before = [i for i in range(place) if blob in layers[i].top]
        if not before:
            raise UserError(f"the labels of '{name}' are the input '{blob}'")
        place = before[-1]
        layer = layers[place]
        kind = layer_types.get(layer.type).type
        if not layer.bottom:
            _check_numbers(layer, blob)
            return LabelWay(layer, tuple(reversed(mappings)))
        if kind == "LabelMapping":
            mappings.append(new_labels(layer.labelmapping_param.mapping))
        elif kind not in (*_CARRY, "DataSequence"):
            raise UserError(f"the labels of '{name}' are made by '{layer.name}' ({layer.type})")
        blob = layer.bottom[1 if kind == "DataSequence" else 0]


def _check_numbers(data: LayerParameter, blob: str) -> None:
    param = data.data_param
    pairs = param.images_per_blob > 1
    flags = pairs and not param.output_all_labels
    forced = pairs and param.forced_primary_label >= 0
    if list(data.top).index(blob) != 1 or flags or forced:
        raise UserError(f"'{blob}' of layer '{data.name}' does not hold the images' classes")


def _layers(text: NetText) -> list[LayerParameter]:
    return [layer.param for layer in text.selected()]
