"""The layer types of a text with mistakes: those that nobody knows here are told too."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from google.protobuf.message import Message

from mycaffe_py.proto import forks
from mycaffe_py.proto.locations import Place
from mycaffe_py.proto.mistakes import Mistakes
from mycaffe_py.proto.mycaffe_pb2 import NetParameter, SolverParameter
from mycaffe_py.proto.upgrade_v1 import type_name


def note_types(message: Message, root: Place, known: Collection[str], mistakes: Mistakes) -> None:
    """Note the types that are not `known`, of all layers in `message` as far as it was read.

    Those of the old form (`layers`) are told by today's names.
    Layers are on a higher floor; where nobody says which are known, those of forks are noted.
    """
    for net, place in _nets(message, root):
        types = {
            "layer": [layer.type for layer in net.layer],
            "layers": [type_name(layer.type) for layer in net.layers],
        }
        for field, names in types.items():
            layers = place.inside.get(field, Place()).inside
            for i, name in enumerate(names):
                unknown = known and name not in known
                if name and (unknown or forks.with_layer(name)):
                    at = layers[i].inside.get("type", layers[i])
                    mistakes.layer_type(name, at.line, known, at.column)


def _nets(message: Message, place: Place) -> Iterator[tuple[NetParameter, Place]]:
    """The nets in `message`, with their places."""
    if isinstance(message, NetParameter):
        yield message, place
    if not isinstance(message, SolverParameter):
        return
    if message.HasField("net_param"):
        yield message.net_param, place.inside["net_param"]
    if message.HasField("train_net_param"):
        yield message.train_net_param, place.inside["train_net_param"]
    for i, net in enumerate(message.test_net_param):
        yield net, place.inside["test_net_param"].inside[i]
