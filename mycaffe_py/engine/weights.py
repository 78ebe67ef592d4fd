"""Floor 5. The parameters of a net as they are saved, and loading them by layer name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, Phase
from mycaffe_py.snapshot.weights import LayerWeights, Weights

LayerArrays = dict[str, list[Array]]


@dataclass(frozen=True)
class Loaded:
    """What loading did, by layer name: `ignored` are in the file only, `missing` in the net only.

    Layers without parameters are not mentioned.
    """

    matched: tuple[str, ...]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]


def split_key(key: str) -> tuple[str, int]:
    """Layer name and index of a parameter's key "<layer>[<index>]"."""
    layer, _, index = key.rpartition("[")
    return layer, int(index.rstrip("]"))


def arrays_by_layer(net: Net) -> LayerArrays:
    """The parameter arrays of each layer in order; a shared one stands under every user."""
    found: dict[str, dict[int, Array]] = {}
    for param in net.graph.params.values():
        for key in (param.key, *param.sharers):
            layer, index = split_key(key)
            found.setdefault(layer, {})[index] = net.values[param.key]
    return {layer: [blobs[i] for i in sorted(blobs)] for layer, blobs in found.items()}


def layer_weights(net: Net, texts: Sequence[LayerParameter]) -> list[LayerWeights]:
    """All layers of `texts` (the net's, before Split layers) with their parameters, as Caffe saves.

    A shared parameter is written with each layer that uses it.
    """
    arrays = arrays_by_layer(net)
    layers = []
    for text in texts:
        param = LayerParameter()
        param.CopyFrom(text)
        param.MergeFrom(LayerParameter(phase=Phase.Name(net.graph.phase)))
        param.ClearField("blobs")
        layers.append(LayerWeights(param, arrays.get(text.name, [])))
    return layers


def load_weights(nets: Sequence[Net], weights: Weights) -> Loaded:
    """Copy `weights` into the layers of the same names; of several nets the first has its say.

    Nothing is copied unless everything fits: all mismatches are told in one UserError.
    """
    targets: LayerArrays = {}
    for net in reversed(nets):
        targets |= arrays_by_layer(net)
    saved = {name: blobs for name, blobs in weights.layers.items() if blobs}
    matched = [name for name in saved if name in targets]
    _check(weights, targets, matched)
    for name in matched:
        for target, blob in zip(targets[name], saved[name], strict=True):
            target[...] = blob.array.reshape(target.shape)
    return Loaded(
        matched=tuple(matched),
        ignored=tuple(name for name in saved if name not in targets),
        missing=tuple(name for name in targets if name not in saved),
    )


def _check(weights: Weights, targets: Mapping[str, list[Array]], matched: Sequence[str]) -> None:
    if not matched:
        raise UserError(
            f"no layer of {weights.file} is in the net",
            wanted="weights are found by layer name; the file has "
            f"{_names(weights.layers)}, the net {_names(targets)}",
        )
    wrong = []
    for name in matched:
        blobs, wanted = weights.layers[name], targets[name]
        if len(blobs) != len(wanted):
            wrong.append(
                f"layer '{name}' has {len(blobs)} blobs there and {len(wanted)} in the net"
            )
            continue
        for index, (blob, target) in enumerate(zip(blobs, wanted, strict=True)):
            if not blob.agrees(target.shape):
                wrong.append(
                    f"blob {index} of layer '{name}' is {blob.shape} there "
                    f"and {target.shape} in the net"
                )
    if wrong:
        raise UserError(
            f"{weights.file} does not fit the net: {'; '.join(wrong)}",
            wanted="layers of one name must have the same parameters",
            do="Rename the layers of the model that should not be loaded.",
        )


def _names(layers: Mapping[str, object]) -> str:
    names = list(layers)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
