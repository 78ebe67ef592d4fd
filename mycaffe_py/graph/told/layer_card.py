"""A layer type told to people: its docstring, ports, and options with their comments."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from mycaffe_py.layers import layer_types
from mycaffe_py.proto.mistakes import Mistakes
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.proto.templates import text_folder


@dataclass(frozen=True)
class LayerCard:
    """What `explain layer` tells of a type. `options` are messages, by field of the layer text."""

    type: str
    spellings: tuple[str, ...]
    about: str
    bottoms: str
    tops: str
    facts: tuple[str, ...]
    options: dict[str, str]


def layer_card(name: str) -> LayerCard:
    """The card of the layer type called `name`; an unknown one is the user's mistake."""
    if name not in layer_types:
        raise Mistakes.unknown_type(name, layer_types)
    layer = layer_types.get(name)
    about = inspect.cleandoc(type(layer).__doc__ or "")
    return LayerCard(
        type=layer.type,
        spellings=layer.spellings,
        about=about,
        bottoms=str(layer.bottom_count),
        tops="one for each bottom" if layer.tops_match_bottoms else str(layer.top_count),
        facts=tuple(_facts(name)),
        options={field: message_text(kind) for field, kind in _options(layer.type, about)},
    )


def card_text(card: LayerCard) -> str:
    """The card in lines, as people read it."""
    also = f" (also written {', '.join(card.spellings)})" if card.spellings else ""
    lines = [f"{card.type}{also}", "", card.about, ""]
    lines += [f"Bottoms: {card.bottoms}. Tops: {card.tops}."]
    lines += [f"It {fact}." for fact in card.facts]
    for field, message in card.options.items():
        lines += ["", f"{field}:", message]
    return "\n".join(lines)


def _facts(name: str) -> list[str]:
    layer = layer_types.get(name)
    facts = []
    if layer.is_loss:
        facts.append("is a loss: its first top counts with loss_weight 1 unless the text says more")
    if layer.may_be_in_place:
        facts.append("may work in place: top and bottom of one name")
    elif layer.forward_in_place:
        facts.append("may work in place where no gradient is wanted")
    if not layer.has_backward:
        facts.append("has no backward: nothing is learned through it")
    elif layer.no_gradient:
        numbers = [f"bottom {n}" if n >= 0 else "the last bottom" for n in layer.no_gradient]
        facts.append(f"gives no gradient to {', '.join(numbers)}")
    if layer.shares_params_with:
        facts.append(f"uses the parameters of the {layer.shares_params_with} layer of its bottom")
    return facts


def _options(kind: str, about: str) -> list[tuple[str, str]]:
    """(field, message) of the options of a layer type: named like it, or named in its text.

    An option may hold another one whose name is that of a layer's, as nms_param: then that counts.
    """
    found = {}
    for field in LayerParameter.DESCRIPTOR.fields:
        if not field.name.endswith("_param") or field.message_type is None:
            continue
        own = field.name.removesuffix("_param").replace("_", "") == kind.lower()
        if own or re.search(rf"\b{field.name}\b", about):
            found[field.name] = field.message_type
    inside = {
        part.name: part.message_type
        for message in found.values()
        for part in message.fields
        if part.message_type is not None
    }
    return [(name, inside.get(name, message).name) for name, message in found.items()]


def message_text(name: str) -> str:
    """The message `name` as it stands in protos/mycaffe.proto, comments and all."""
    lines = (text_folder("protos") / "mycaffe.proto").read_text(encoding="utf-8").splitlines()
    start = lines.index(f"message {name} {{")
    end = next(i for i in range(start, len(lines)) if lines[i] == "}")
    while start > 0 and lines[start - 1].startswith("//"):
        start -= 1
    return "\n".join(lines[start : end + 1])
