"""Floor 5. The parameters of a net as they are saved, and loading them by layer name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Param
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, Phase
from mycaffe_py.snapshot.blob import StoredBlob
from mycaffe_py.snapshot.weights import LayerWeights, Weights, no_weights

LayerArrays = dict[str, list[Array]]
# A blob is copied in pieces of 16 MB, and the file's pages are given back behind each.
_PIECE = 1 << 22


@dataclass(frozen=True)
class Loaded:
    """What loading did, by layer name: `ignored` are in the file only, `missing` in the net only.

    Layers without parameters are not mentioned, and a layer that shares all of its parameters
    with others is missing only if these are. `by_position` says that names were passed over.
    """

    matched: tuple[str, ...]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]
    by_position: bool = False

    def lines(self, file: str, elsewhere: Collection[str] = ()) -> list[str]:
        """The same for people; `elsewhere` are the layers that another file of the start has."""
        how = " by position, as MyCaffe does" if self.by_position else ""
        found = ", ".join(self.matched) or "nothing, as the net has no parameters"
        lines = [f"Finetuning from {file}{how}: {found}"]
        if self.ignored:
            lines.append(f"Ignoring source layers {', '.join(self.ignored)}")
        kept = [name for name in self.missing if name in elsewhere]
        anew = [name for name in self.missing if name not in elsewhere]
        if kept:
            lines.append(f"Not in this file but in another: {', '.join(kept)}")
        if anew:
            lines.append(f"Filled anew, not in the file: {', '.join(anew)}")
        return lines


def split_key(key: str) -> tuple[str, int]:
    """Layer name and index of a parameter's key "<layer>[<index>]"."""
    layer, _, index = key.rpartition("[")
    return layer, int(index.rstrip("]"))


def arrays_by_layer(net: Net) -> LayerArrays:
    """The parameter arrays of each layer in order; a shared one stands under every user."""
    return _by_layer(net, lambda param: net.parameter(param.key))


def _by_layer(net: Net, array_of: Callable[[Param], Array]) -> LayerArrays:
    found: dict[str, dict[int, Array]] = {}
    for param in net.graph.params.values():
        for key in (param.key, *param.sharers):
            layer, index = split_key(key)
            found.setdefault(layer, {})[index] = array_of(param)
    return {layer: [blobs[i] for i in sorted(blobs)] for layer, blobs in found.items()}


def _updates_by_layer(net: Net) -> LayerArrays:
    """What the last update took off each parameter; 0 for a frozen one, whatever backward left."""

    def update(param: Param) -> Array:
        array = net.gradients[param.key]
        return array if param.lr_mult != 0 else np.zeros_like(array)

    return _by_layer(net, update)


def _sharers(net: Net) -> set[tuple[str, int]]:
    """(layer, index) of every parameter that another layer owns."""
    return {split_key(key) for param in net.graph.params.values() for key in param.sharers}


def layer_weights(
    net: Net, texts: Sequence[LayerParameter], *, updates: bool = False
) -> list[LayerWeights]:
    """All layers of `texts` (the net's, before Split layers) with their parameters, as Caffe saves.

    A shared parameter stands with each layer that uses it, and is marked so. With `updates` each
    parameter has beside it what the solver's last update took off it.
    """
    arrays = arrays_by_layer(net)
    diffs = _updates_by_layer(net) if updates else None
    sharers = _sharers(net)
    layers = []
    for text in texts:
        param = LayerParameter()
        param.CopyFrom(text)
        param.MergeFrom(LayerParameter(phase=Phase.Name(net.graph.phase)))
        param.ClearField("blobs")
        shared = [index for layer, index in sharers if layer == text.name]
        of_layer = None if diffs is None else diffs.get(text.name, [])
        layers.append(LayerWeights(param, arrays.get(text.name, []), shared, of_layer))
    return layers


def load_weights(nets: Sequence[Net], weights: Weights) -> Loaded:
    """Copy `weights` into the layers of the same names; of several nets the first has its say.

    MyCaffe's own files go by position where their names are not those of the net: its first blob
    into the first learned parameter, and so on, as MyCaffe itself loads them; here all must fit.
    Nothing is copied unless everything fits: all mismatches are told in one UserError. Any file
    fits a net without parameters.
    """
    targets: LayerArrays = {}
    for net in reversed(nets):
        targets |= arrays_by_layer(net)
    saved = {name: blobs for name, blobs in weights.layers.items() if blobs}
    if not targets:
        return Loaded((), tuple(saved), ())
    if not saved:
        raise no_weights(weights)
    matched = tuple(name for name in saved if name in targets)
    ignored = tuple(name for name in saved if name not in targets)
    pairs = _by_position(nets[0], saved) if weights.positional and ignored else None
    by_position = pairs is not None
    if pairs is None:
        numbered = {name: _numbered(weights, name) for name in matched}
        _check(weights, targets, numbered, set().union(*map(_sharers, nets)))
        pairs = [(targets[n][i], blob) for n, blobs in numbered.items() for i, blob in blobs]
    else:
        matched, ignored = _layers_of(nets[0]), ()
    for target, blob in pairs:
        _copy(target, blob, weights)
    return Loaded(matched, ignored, _missing(targets, pairs), by_position)


def _numbered(weights: Weights, name: str) -> list[tuple[int, StoredBlob]]:
    """The blobs of a layer in the file, each with its index in the layer."""
    blobs = weights.layers[name]
    return list(zip(weights.numbers.get(name, range(len(blobs))), blobs, strict=True))


def _layers_of(net: Net) -> tuple[str, ...]:
    return tuple(dict.fromkeys(param.layer for param in net.graph.params.values()))


def _by_position(
    net: Net, saved: Mapping[str, Sequence[StoredBlob]]
) -> list[tuple[Array, StoredBlob]] | None:
    """Each parameter of the net with the blob at its place, None where one does not fit."""
    targets = [net.parameter(key) for key in net.graph.params]
    blobs = [blob for layer in saved.values() for blob in layer]
    fits = len(blobs) == len(targets) and all(
        blob.agrees(target.shape) for target, blob in zip(targets, blobs, strict=True)
    )
    return list(zip(targets, blobs, strict=True)) if fits else None


def _copy(target: Array, blob: StoredBlob, weights: Weights) -> None:
    values, room = blob.array.reshape(-1), target.reshape(-1)
    for start in range(0, len(values), _PIECE):
        room[start : start + _PIECE] = values[start : start + _PIECE]
        if len(values) > _PIECE:
            weights.release()


def _missing(targets: LayerArrays, pairs: Sequence[tuple[Array, StoredBlob]]) -> tuple[str, ...]:
    """Layers with a parameter that nothing was copied to, itself or through a sharer."""
    written = {target.ctypes.data for target, _ in pairs if target.size}
    return tuple(
        name
        for name, arrays in targets.items()
        if any(array.size and array.ctypes.data not in written for array in arrays)
    )


def _check(
    weights: Weights,
    targets: LayerArrays,
    numbered: Mapping[str, Sequence[tuple[int, StoredBlob]]],
    sharers: Collection[tuple[str, int]],
) -> None:
    if not numbered:
        raise UserError(
            f"no layer of {weights.file} is in the net",
            wanted="weights are found by layer name; the file has "
            f"{_names(weights.layers)}, the net {_names(targets)}",
        )
    wrong = []
    for name, blobs in numbered.items():
        wanted = targets[name]
        found = {index for index, _ in blobs}
        # A file that says which blobs it has may leave out those that another layer owns.
        left = {i for i in range(len(wanted)) if weights.numbers and (name, i) in sharers}
        if not set(range(len(wanted))) - left <= found <= set(range(len(wanted))):
            wrong.append(
                f"layer '{name}' has {len(blobs)} blobs there and {len(wanted)} in the net"
            )
            continue
        for index, blob in blobs:
            if not blob.agrees(wanted[index].shape):
                wrong.append(
                    f"blob {index} of layer '{name}' is {blob.shape} there "
                    f"and {wanted[index].shape} in the net"
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
