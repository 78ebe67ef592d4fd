"""How the texts of two layers that should be alike differ, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from google.protobuf.message import Message

from mycaffe_py.graph.model import Node
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter, LayerParameter

# What names a layer, places it, or changes nothing of what it computes.
_OWN = frozenset(
    {"name", "bottom", "top", "param", "include", "exclude", "loss_weight", "phase", "engine"}
)


def without_fillers(param: LayerParameter) -> LayerParameter:
    """A copy of a layer's text in which no parameter has a filler."""
    copy = LayerParameter()
    copy.CopyFrom(param)
    for _, options in copy.ListFields():
        if isinstance(options, Message):
            for inner, value in list(options.ListFields()):
                if isinstance(value, FillerParameter):
                    options.ClearField(inner.name)
    return copy


def other_fillers(a: Node, b: Node) -> list[str]:
    """Names of the fillers of b that are not those of a."""
    return [name for name, one, _ in _leaves(*_texts(a, b)) if isinstance(one, FillerParameter)]


def other_options(a: Node, b: Node) -> list[str]:
    """Options that differ, defaults filled in: `num_output 20 and 30`. Fillers are left out."""
    if same_facts(a, b):
        return []
    return [
        f"{name} {one} and {two}"
        for name, one, two in _leaves(*_texts(a, b))
        if not isinstance(one, FillerParameter)
    ]


def same_facts(a: Node, b: Node) -> bool:
    """Whether both do the same, though `stride: 1`, say, may stand in one of the texts alone."""
    return a.plan.facts is not None and _alike(a.plan.facts, b.plan.facts)


def _alike(a: Any, b: Any) -> bool:
    """Whether two resolved options, of any depth, are the same."""
    if type(a) is not type(b):
        return False
    if is_dataclass(a):
        return all(_alike(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)


def _texts(a: Node, b: Node) -> tuple[Message, Message]:
    return a.context.param, b.context.param


def _leaves(a: Message, b: Message) -> Iterator[tuple[str, Any, Any]]:
    """(field, value, value) of all fields in which two messages differ; fillers as a whole."""
    for field in a.DESCRIPTOR.fields:
        one, two = getattr(a, field.name), getattr(b, field.name)
        if field.name in _OWN or one == two:
            continue
        if isinstance(one, FillerParameter):
            yield field.name, one, two
        elif isinstance(one, Message):
            yield from _leaves(one, two)
        else:
            yield field.name, _told(one, field), _told(two, field)


def _told(value: Any, field: Any) -> str:
    """`value` as a text has it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    if isinstance(value, int | float):
        return f"{value:g}"
    return " ".join(_told(item, field) for item in value) or "unset"
