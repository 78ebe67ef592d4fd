"""Upgrades old binary nets of any size to today's form.

A net file is taken apart: the text of its layers goes through the upgrades of proto/upgrade.py,
the blobs stay bytes of the file and are written, as they are, behind the layer they belong to.
So do options of forks whose number is that of another message here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from google.protobuf.message import DecodeError

from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.proto.binary import without_trailer
from mycaffe_py.proto.blob import read_blob
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, NetParameter
from mycaffe_py.proto.text import Parsed
from mycaffe_py.proto.upgrade import upgrade_parsed_net
from mycaffe_py.proto.wire import BYTES, WireError, bytes_header, check_parts, encode, fields
from mycaffe_py.snapshot.mapped import map_file

_LAYERS_V1, _LAYER = 2, 100
# In a layer's message: its name and its blobs, for each of the three forms.
_V0, _V1, _TODAY = (1, 50), (4, 6), (1, 7)
_V0_INSIDE = 1
# Of today's layers: from here on options stand, each in a message of its own.
_FIRST_OPTIONS = 100


@dataclass(frozen=True)
class LayerBytes:
    """What of a layer stays bytes: its blobs, and the fields that cannot be read."""

    name: str
    blobs: list[memoryview]
    fields: bytes = b""


@dataclass(frozen=True)
class BinaryNet:
    """A net in two parts: its text, and what stays bytes of each layer in file order."""

    text: NetParameter
    layers: list[LayerBytes]


def upgrade_binary_net(source: Path, target: Path) -> tuple[str, ...]:
    """Write the binary net in `source` to `target` in today's form; returns what was changed.

    Raises UserError for a file that is no net, and for one that cannot be upgraded.
    """
    try:
        net = _taken_apart(map_file(source).data)
        for layer in net.layers:
            for blob in layer.blobs:
                read_blob(blob)
        # Names that are no UTF-8 come to light where they are first read.
        upgraded = upgrade_parsed_net(Parsed(net.text, Locations.none(str(source))))
    except (WireError, DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{source} is no binary net, or a damaged one: {error}",
            wanted="a NetParameter in protobuf's binary form, as a .caffemodel is",
        ) from error
    write_atomically(target, lambda file: _write(file, upgraded.message, net.layers))
    return upgraded.notes


def _taken_apart(data: memoryview) -> BinaryNet:
    text = NetParameter()
    # Missing from protobuf's types for Python.
    merge: Any = text.MergeFromString
    layers: list[LayerBytes] = []
    for number, kind, value in fields(without_trailer(data)[0]):
        if number in (_LAYERS_V1, _LAYER) and kind == BYTES and isinstance(value, memoryview):
            layer, layer_bytes = _without_blobs(value, number)
            layers.append(layer_bytes)
            check_parts(len(layers), "layers")
            merge(bytes_header(number, len(layer)) + layer)
        else:
            merge(encode(number, kind, value))
    if not layers:
        raise WireError("it has no layers")
    return BinaryNet(text, layers)


def _without_blobs(layer: memoryview, number: int) -> tuple[bytes, LayerBytes]:
    """The layer's message without its blobs, and these with its name."""
    inside = [v for n, kind, v in fields(layer) if n == _V0_INSIDE and kind == BYTES]
    if number == _LAYERS_V1 and inside and isinstance(inside[-1], memoryview):
        old, apart = _split(inside[-1], *_V0)
        rest = [encode(n, kind, v) for n, kind, v in fields(layer) if n != _V0_INSIDE]
        return b"".join([bytes_header(_V0_INSIDE, len(old)), old, *rest]), apart
    return _split(layer, *(_TODAY if number == _LAYER else _V1))


def _split(layer: memoryview, name_field: int, blobs_field: int) -> tuple[bytes, LayerBytes]:
    name = ""
    kept: list[bytes] = []
    foreign: list[bytes] = []
    blobs: list[memoryview] = []
    for number, kind, value in fields(layer):
        if number == blobs_field and kind == BYTES and isinstance(value, memoryview):
            blobs.append(value)
            check_parts(len(blobs), "blobs in a layer")
            continue
        if number == name_field and kind == BYTES and isinstance(value, memoryview):
            name = bytes(value).decode()
        if blobs_field == _TODAY[1] and _is_foreign(number, kind, value):
            foreign.append(encode(number, kind, value))
        else:
            kept.append(encode(number, kind, value))
    return b"".join(kept), LayerBytes(name, blobs, b"".join(foreign))


def _is_foreign(number: int, kind: int, value: int | memoryview) -> bool:
    """Whether these options are a fork's, whose number another message has here.

    What is read as that other message cannot be, lacks what it requires, or comes out otherwise.
    """
    if number < _FIRST_OPTIONS or kind != BYTES or not isinstance(value, memoryview):
        return False
    content = encode(number, kind, value)
    try:
        options = LayerParameter.FromString(content)
    except DecodeError:
        return True
    return not options.IsInitialized() or options.ByteSize() != len(content)


def _write(file: BinaryIO, net: NetParameter, layers: list[LayerBytes]) -> None:
    """Layers of one name take the blobs of that name in turn."""
    waiting: dict[str, list[LayerBytes]] = defaultdict(list)
    for found in layers:
        waiting[found.name].append(found)
    head = NetParameter()
    head.CopyFrom(net)
    head.ClearField("layer")
    file.write(head.SerializeToString(deterministic=True))
    for layer in net.layer:
        turns = waiting[layer.name]
        _write_layer(file, layer, turns.pop(0) if turns else LayerBytes(layer.name, []))


def _write_layer(file: BinaryIO, layer: LayerParameter, apart: LayerBytes) -> None:
    text = layer.SerializeToString(deterministic=True) + apart.fields
    blobs = apart.blobs
    heads = [bytes_header(LayerParameter.BLOBS_FIELD_NUMBER, len(blob)) for blob in blobs]
    size = len(text) + sum(map(len, heads)) + sum(map(len, blobs))
    file.write(bytes_header(_LAYER, size) + text)
    for header, blob in zip(heads, blobs, strict=True):
        file.write(header)
        file.write(blob)
