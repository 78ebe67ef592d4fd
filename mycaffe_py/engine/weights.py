"""The parameters of a net as they are saved, and loading them by layer name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Param
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.blob import StoredBlob
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, Phase
from mycaffe_py.snapshot.weights import LayerWeights, Weights, no_weights

LayerArrays = dict[str, list[Array]]
# A blob is copied in pieces of 16 MB, and the file's pages are given back behind each.
_PIECE = 1 << 22
# Numbers for states of weights, none of which is ever given twice in a process.
_VERSIONS = count(1)


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
        """The same as lines to print; `elsewhere` are layers that another given file has."""
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


def fix_weights(net: Net) -> None:
    """Let the weights of `net` stay as they are from now on: to write to them is an error.

    What layers make of them for their kernels is made once and not in every forward.
    """
    net.run.weights_version = next(_VERSIONS)
    net.values = {key: array.view() for key, array in net.values.items()}
    for shown in net.values.values():
        shown.flags.writeable = False


@contextmanager
def weights_stay(net: Net) -> Iterator[None]:
    """A while in which nobody writes to the weights of `net`: see `fix_weights`."""
    net.run.weights_version = next(_VERSIONS)
    try:
        yield
    finally:
        net.run.weights_version = 0


def arrays_by_layer(net: Net) -> LayerArrays:
    """The parameter arrays of each layer in order; a shared one stands under every user."""
    return _by_layer(net, lambda param: net.parameter(param.key))


def _by_layer(net: Net, array_of: Callable[[Param], Array]) -> LayerArrays:
    found: dict[str, dict[int, Array]] = {}
    for param in net.graph.params.values():
        for key in param.keys:
            found.setdefault(key.layer, {})[key.number] = array_of(param)
    return {layer: [blobs[i] for i in sorted(blobs)] for layer, blobs in found.items()}


def _updates_by_layer(net: Net) -> LayerArrays:
    """What the last update subtracted from each parameter; 0 for a frozen one."""

    def update(param: Param) -> Array:
        array = net.gradients[param.key]
        return array if param.lr_mult != 0 else np.zeros_like(array)

    return _by_layer(net, update)


def _sharers(net: Net) -> set[ParamKey]:
    """The key of every parameter that another layer owns."""
    return {key for param in net.graph.params.values() for key in param.sharers}


def layer_weights(
    net: Net, texts: Sequence[LayerParameter], *, updates: bool = False
) -> list[LayerWeights]:
    """All layers of `texts` (the net's, before Split layers) with their parameters, as Caffe saves.

    A shared parameter stands with each layer that uses it, and is marked so. With `updates` each
    parameter has beside it what the solver's last update subtracted from it.
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
        shared = [key.number for key in sharers if key.layer == text.name]
        of_layer = None if diffs is None else diffs.get(text.name, [])
        layers.append(LayerWeights(param, arrays.get(text.name, []), shared, of_layer))
    return layers


def load_weights(nets: Sequence[Net], weights: Weights) -> Loaded:
    """Copy `weights` into the layers of the same names.

    Of several nets that have a layer of one name, the first one's layer gets them.

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
    values, place = blob.array.reshape(-1), target.reshape(-1)
    for start in range(0, len(values), _PIECE):
        place[start : start + _PIECE] = values[start : start + _PIECE]
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
    sharers: Collection[ParamKey],
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
        left = {i for i in range(len(wanted)) if weights.numbers and ParamKey(name, i) in sharers}
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
