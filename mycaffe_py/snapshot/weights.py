"""`.caffemodel` files: a NetParameter whose layers hold blobs, as Caffe writes and reads.

Numbers never pass through message objects: arrays are written to the wire as they stand and read
as views of the mapped file, so a model of gigabytes is held once. Files in HDF5 are read too:
what a file is decides, not how it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from mycaffe_py.array_types import Array
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.proto.binary import without_trailer
from mycaffe_py.proto.blob import StoredBlob, blob_size, read_blob, write_blob
from mycaffe_py.proto.file_kind import WEIGHTS
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.proto.wire import BYTES, WireError, bytes_header, check_parts, fields
from mycaffe_py.snapshot.hdf5 import is_hdf5, read_h5_weights, write_h5_weights
from mycaffe_py.snapshot.mapped import Mapped, keep, map_file
from mycaffe_py.snapshot.other_kind import refuse_other_kind

_NET_NAME, _NET_LAYERS_V1, _NET_LAYER = 1, 2, 100


@dataclass(frozen=True)
class LayerWeights:
    """A layer as it is saved: its text without blobs, and the blobs in order.

    `shared` are the indices of blobs that belong to a layer before it. `diffs` are what the last
    update took off each blob, in order; None writes none.
    """

    param: LayerParameter
    blobs: Sequence[Array]
    shared: Collection[int] = ()
    diffs: Sequence[Array] | None = None


@dataclass(frozen=True)
class Weights:
    """Blobs by layer name, in file order; of two layers of one name the last counts, as in Caffe.

    `positional` says that MyCaffe wrote the file, whose own reader goes by position. `numbers`
    tells which parameters the blobs of a layer are, for files (HDF5) that may leave some out.
    `release` gives memory back when blobs were copied (Mapped).
    """

    file: str
    layers: dict[str, list[StoredBlob]]
    positional: bool = False
    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    release: Callable[[], None] = keep

    def shapes(self) -> dict[str, list[tuple[int, ...]]]:
        """The shapes as stored, by layer name."""
        return {name: [blob.shape for blob in blobs] for name, blobs in self.layers.items()}


def write_weights(
    path: Path, net_name: str, layers: Sequence[LayerWeights], *, hdf5: bool = False
) -> None:
    """Write `layers` to `path`, atomically; the same input gives the same bytes.

    HDF5 holds the blobs only, and shared ones once, but their diffs with each layer, as Caffe's.
    """
    if hdf5:
        data = [(layer.param.name, _owned(layer)) for layer in layers]
        diffs = [
            (layer.param.name, dict(enumerate(layer.diffs)))
            for layer in layers
            if layer.diffs is not None
        ]
        write_h5_weights(path, data, diffs or None)
        return

    def write(file: BinaryIO) -> None:
        name = net_name.encode()
        file.write(bytes_header(_NET_NAME, len(name)) + name)
        for layer in layers:
            _write_layer(file, layer)

    write_atomically(path, write)


def _owned(layer: LayerWeights) -> dict[int, Array]:
    return {i: blob for i, blob in enumerate(layer.blobs) if i not in layer.shared}


def _write_layer(file: BinaryIO, layer: LayerWeights) -> None:
    number = LayerParameter.BLOBS_FIELD_NUMBER
    text = layer.param.SerializeToString(deterministic=True)
    diffs: Sequence[Array | None] = layer.diffs or [None] * len(layer.blobs)
    pairs = list(zip(layer.blobs, diffs, strict=True))
    sizes = [blob_size(*pair) for pair in pairs]
    heads = [bytes_header(number, size) for size in sizes]
    total = len(text) + sum(map(len, heads)) + sum(sizes)
    file.write(bytes_header(_NET_LAYER, total) + text)
    for head, pair in zip(heads, pairs, strict=True):
        file.write(head)
        write_blob(file, *pair)


def read_weights(path: Path, *, may_be_empty: bool = False) -> Weights:
    """Read any caffemodel: today's, V1 and V0 layers, MyCaffe's with its trailer, HDF5.

    With `may_be_empty` its layers need have no blobs, as those of a net without parameters.
    Raises UserError for a file that is missing, truncated or no weight file.
    """
    mapped = map_file(path)
    try:
        weights = _in_hdf5(path, mapped) if is_hdf5(mapped.data) else _in_message(path, mapped)
    except (WireError, UnicodeDecodeError) as error:
        refuse_other_kind(path, mapped.data, WEIGHTS)
        raise UserError(
            f"{path} is no caffemodel, or a damaged one: {error}",
            wanted="a binary file of weights as Caffe, MyCaffe or this program writes it",
        ) from error
    of_a_net = bool(weights.layers) or is_hdf5(mapped.data)
    if not any(weights.layers.values()) and not (may_be_empty and of_a_net):
        refuse_other_kind(path, mapped.data, WEIGHTS)
        raise no_weights(weights)
    return weights


def no_weights(weights: Weights) -> UserError:
    """The error of a file whose layers hold no blobs."""
    return UserError(
        f"{weights.file} holds no weights",
        wanted="a caffemodel has layers with blobs",
        do="Give the .caffemodel file, not a model text or a .solverstate.",
    )


def _in_hdf5(path: Path, mapped: Mapped) -> Weights:
    found = read_h5_weights(path, mapped)
    return Weights(
        str(path),
        {name: list(blobs.values()) for name, blobs in found.items()},
        numbers={name: list(blobs) for name, blobs in found.items()},
        release=mapped.release,
    )


def _in_message(path: Path, mapped: Mapped) -> Weights:
    data, positional = without_trailer(mapped.data)
    layers: dict[str, list[StoredBlob]] = {}
    for name, kind, blobs in _layers(data):
        if (blobs or name not in layers) and kind != "Split":
            layers[name] = [replace(read_blob(blob), from_mycaffe=positional) for blob in blobs]
    return Weights(str(path), layers, positional, release=mapped.release)


def _layers(data: memoryview) -> Iterator[tuple[str, str, list[memoryview]]]:
    """(name, type, blobs) of each layer; the type of layers in old forms is ""."""
    count = 0
    for number, kind, value in fields(data):
        if kind != BYTES or not isinstance(value, memoryview):
            continue
        count += number in (_NET_LAYER, _NET_LAYERS_V1)
        check_parts(count, "layers")
        if number == _NET_LAYER:
            name, blobs = _members(value, 1, 7)
            types = [bytes(v) for n, k, v in fields(value) if n == 2 and k == BYTES]
            yield name, types[-1].decode() if types else "", blobs
        elif number == _NET_LAYERS_V1:
            old = [v for n, k, v in fields(value) if n == 1 and k == BYTES]
            inner = old[0] if old else None
            if isinstance(inner, memoryview):
                name, blobs = _members(inner, 1, 50)
            else:
                name, blobs = _members(value, 4, 6)
            yield name, "", blobs


def _members(layer: memoryview, name_field: int, blobs_field: int) -> tuple[str, list[memoryview]]:
    name = ""
    blobs = []
    for number, kind, value in fields(layer):
        if kind != BYTES or not isinstance(value, memoryview):
            continue
        if number == name_field:
            name = bytes(value).decode()
        elif number == blobs_field:
            blobs.append(value)
            check_parts(len(blobs), "blobs in a layer")
    return name, blobs
