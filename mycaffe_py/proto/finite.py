"""Refuses NaN in a text, and infinity where it has no meaning."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations, Path

_REAL = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
# Bounds that nothing reaches, and values that are only written into a blob.
_MAY_BE_INFINITE = {
    "ClipParameter": ("min", "max"),
    "ThresholdParameter": ("threshold",),
    "FillerParameter": ("value",),
}
# What is learned or read, not set: its own readers look at it.
_PASSED_OVER = ("BlobProto", "Datum")


def check_finite(message: Message, where: Locations) -> None:
    """Raise UserError for the first number in `message` that no computation can use."""
    for path, owner, value in _reals(message, ()):
        name = next(step for step in reversed(path) if isinstance(step, str))
        if math.isfinite(value):
            continue
        if math.isinf(value) and name in _MAY_BE_INFINITE.get(owner.DESCRIPTOR.name, ()):
            continue
        raise UserError(
            f"{_of_layer(message, path)}{name} is {value:g}",
            where=where.at(*path),
            wanted="a finite number: nothing can be computed with this one",
        )


def _reals(owner: Any, path: Path) -> Iterator[tuple[Path, Any, float]]:
    """Every float that is set, with its path and the message it stands in."""
    for field, value in owner.ListFields():
        repeated = not field.has_presence
        values = enumerate(value) if repeated else [(0, value)]
        if field.message_type is not None:
            if field.message_type.name not in _PASSED_OVER:
                for number, inner in values:
                    yield from _reals(inner, _step(path, field.name, repeated, number))
        elif field.cpp_type in _REAL:
            for number, real in values:
                yield _step(path, field.name, repeated, number), owner, real


def _step(path: Path, name: str, repeated: bool, number: int) -> Path:
    return (*path, name, number) if repeated else (*path, name)


def _of_layer(message: Any, path: Path) -> str:
    """The layer that `path` leads into, in words; "" outside of layers."""
    for length, step in enumerate(path):
        if step in ("layer", "layers"):
            for inner in path[:length]:
                message = message[inner] if isinstance(inner, int) else getattr(message, inner)
            layer = getattr(message, str(step))[path[length + 1]]
            kind = layer.type if isinstance(layer.type, str) else ""
            return f"layer '{layer.name}'{f' ({kind})' if kind else ''}: "
    return ""
