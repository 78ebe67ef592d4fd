"""Checks that the layer types and bottoms of a net are known; tells all unknown ones at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Located
from mycaffe_py.layers import layer_types
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mistakes import Mistakes

# Nobody reads more of them, and looking for what was meant takes a millisecond for each.
_MOST_TOLD = 100


def check_types(layers: Sequence[Located], whole: Sequence[Located]) -> None:
    """Raise UserError if a type in `layers` is unknown; it tells those of the `whole` text."""
    unknown = {kind for kind in {layer.param.type for layer in layers} if not _is_known(kind)}
    if unknown:
        mistakes = Mistakes(layers[0].where.file)
        known = {kind for kind in {layer.param.type for layer in whole} if _is_known(kind)}
        wrong = (layer for layer in whole if layer.param.type not in known)
        for layer in islice(wrong, _MOST_TOLD):
            _note_type(layer, mistakes)
        raise mistakes.error()


def _is_known(kind: str) -> bool:
    # To ask `layer_types` for all its names would import all layers.
    try:
        layer_types.get(kind)
    except UserError:
        return False
    return True


def _note_type(layer: Located, mistakes: Mistakes) -> None:
    where = layer.where.at("type")
    if layer.param.type:
        mistakes.layer_type(layer.param.type, where.line, layer_types, where.column)
        return
    error = UserError(
        f"layer '{layer.param.name}' has no type",
        where=where,
        do='Write what it does, for example type: "Convolution".',
    )
    mistakes.other(error)


def check_bottoms(layers: Sequence[Located], net: Locations) -> None:
    """Raise UserError if a bottom is made by no earlier layer; `net` are the places of the net.

    Names of Splits are not proposed for it: they are in no text.
    """
    made: set[str] = set()
    written: dict[str, None] = {}
    mistakes = Mistakes(net.file or (layers[0].where.file if layers else ""))
    for layer in layers:
        for index, name in enumerate(layer.param.bottom):
            if name not in made:
                mistakes.other(_missing(layer, index, list(written), net))
        made.update(layer.param.top)
        if layer.param.type != "Split":
            written |= dict.fromkeys(layer.param.top)
    if mistakes:
        raise mistakes.error()


def _missing(layer: Located, index: int, written: Sequence[str], net: Locations) -> UserError:
    name = layer.param.bottom[index]
    reader = f"layer '{layer.param.name}' ({layer.param.type})"
    shapeless = net.known("input", name)
    if shapeless is not None:
        return UserError(
            f"input '{name}' has no shape",
            where=shapeless,
            wanted=f"{reader} reads it",
            do="Write input_shape { dim: 1 dim: 3 dim: 224 dim: 224 } below it, with your sizes.",
        )
    return UserError(
        f"{reader}: bottom '{name}' is made by no earlier layer",
        where=layer.where.at("bottom", index),
        do=nearest(name, written),
    )
