"""The parts of a net, by name and by number: layers, blobs and parameters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Any

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.build import AUTOMATIC
from mycaffe_py.pycaffe.blob import BlobView, NetBlob
from mycaffe_py.pycaffe.layer import layer_of
from mycaffe_py.pycaffe.plain_net import PlainNet


class NetParts:
    """Views of a plain net, made when they are first asked for.

    Dicts are in the order of the net. If blobs or layers have one name, they hold the last of them.
    """

    _plain: PlainNet

    @cached_property
    def _layer_names(self) -> list[str]:
        return [node.name for node in self._plain.graph.nodes]

    @cached_property
    def _keys(self) -> list[str]:
        """The names of blobs inside the program; tops that the text leaves out have one too."""
        return list(self._plain.graph.blobs)

    @cached_property
    def _blob_names(self) -> list[str]:
        return [AUTOMATIC if key.startswith(AUTOMATIC) else key for key in self._keys]

    @cached_property
    def _blobs(self) -> list[BlobView]:
        return [NetBlob(self._plain, key) for key in self._keys]

    @cached_property
    def _blob_loss_weights(self) -> list[float]:
        weights = dict.fromkeys(self._keys, 0.0)
        for node in self._plain.graph.nodes:
            weights.update(zip(node.tops, node.loss_weights, strict=True))
        return list(weights.values())

    @cached_property
    def _inputs(self) -> list[int]:
        return [self._keys.index(name) for name in self._plain.graph.inputs]

    @cached_property
    def _outputs(self) -> list[int]:
        return [self._keys.index(name) for name in self._plain.graph.outputs]

    def _top_ids(self, layer: int) -> list[int]:
        return [self._keys.index(name) for name in self._plain.graph.nodes[layer].tops]

    def _bottom_ids(self, layer: int) -> list[int]:
        return [self._keys.index(name) for name in self._plain.graph.nodes[layer].bottoms]

    @cached_property
    def layers(self) -> list[Any]:
        """All layers in order, also the Split layers that were added."""
        return [layer_of(self._plain, i) for i in range(len(self._layer_names))]

    @cached_property
    def layer_dict(self) -> OrderedDict[str, Any]:
        """The layers by name."""
        return OrderedDict(zip(self._layer_names, self.layers, strict=True))

    @cached_property
    def blobs(self) -> OrderedDict[str, BlobView]:
        """The blobs by name."""
        return OrderedDict(zip(self._blob_names, self._blobs, strict=True))

    @cached_property
    def blob_loss_weights(self) -> OrderedDict[str, float]:
        """How much each blob counts towards the loss, by name."""
        return OrderedDict(zip(self._blob_names, self._blob_loss_weights, strict=True))

    @cached_property
    def params(self) -> OrderedDict[str, list[Any]]:
        """The parameters of each layer that has some: weights, then bias."""
        pairs = zip(self._layer_names, self.layers, strict=True)
        return OrderedDict((name, layer.blobs) for name, layer in pairs if len(layer.blobs))

    @cached_property
    def inputs(self) -> list[str]:
        """The tops of Input layers."""
        return [self._blob_names[i] for i in self._inputs]

    @cached_property
    def outputs(self) -> list[str]:
        """The blobs no layer reads, in alphabetical order."""
        return [self._blob_names[i] for i in self._outputs]

    @cached_property
    def top_names(self) -> OrderedDict[str, list[str]]:
        """What each layer makes."""
        return self._names_of(self._top_ids)

    @cached_property
    def bottom_names(self) -> OrderedDict[str, list[str]]:
        """What each layer reads."""
        return self._names_of(self._bottom_ids)

    def _names_of(self, ids: Callable[[int], list[int]]) -> OrderedDict[str, list[str]]:
        return OrderedDict(
            (layer, [self._blob_names[i] for i in ids(number)])
            for number, layer in enumerate(self._layer_names)
        )

    def _number(self, layer: str) -> int:
        if layer not in self._layer_names:
            raise UserError(f"the net has no layer '{layer}'", do=nearest(layer, self._layer_names))
        return self._layer_names.index(layer)

    def _blob(self, name: str) -> BlobView:
        if name not in self.blobs:
            raise UserError(f"the net has no blob '{name}'", do=nearest(name, self.blobs))
        return self.blobs[name]
