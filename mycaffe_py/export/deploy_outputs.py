"""Which blobs are outputs of a deploy text, whose layers say it only by what they read and make."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Located
from mycaffe_py.proto import mycaffe_pb2 as pb

ENCODING = "encoding"


def only_for(layers: Sequence[Located], blobs: Sequence[str]) -> list[Located]:
    """The layers that `blobs` need. Errors: a blob that no layer makes."""
    made = {top for layer in layers if layer.param.bottom for top in layer.param.top}
    for blob in blobs:
        if blob not in made:
            raise UserError(f"the net has no blob '{blob}'", do=nearest(blob, made))
    needed = set(blobs)
    kept = []
    for layer in reversed(layers):
        if needed.intersection(layer.param.top):
            needed.update(layer.param.bottom)
            kept.append(layer)
    return kept[::-1]


def is_output(layers: Sequence[pb.LayerParameter], blob: str) -> bool:
    """Whether nobody reads `blob` after it was written last."""
    users = [layer for layer in layers if blob in (*layer.bottom, *layer.top)]
    return bool(users) and blob in users[-1].top


def copy_of(layers: Sequence[pb.LayerParameter], blob: str, wish: str) -> pb.LayerParameter:
    """A layer that makes a copy of `blob` as an output called `wish`, or so with a number behind.

    It is Caffe's Split, which copies nothing in MyCaffe.
    """
    taken = {name for layer in layers for name in (layer.name, *layer.bottom, *layer.top)}
    name, number = wish, 1
    while name in taken:
        number += 1
        name = f"{wish}_{number}"
    return pb.LayerParameter(name=name, type="Split", bottom=[blob], top=[name])
