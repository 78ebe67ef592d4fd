"""The single values of a message, and what they may become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message


def single_values(message: Message, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all single values that a message gives."""
    for field, value in message.ListFields():
        entries = value if not field.has_presence else [value]
        for number, entry in enumerate(entries):
            here = (*path, field.name, *([] if field.has_presence else [number]))
            if field.message_type is not None:
                yield from single_values(entry, here)
            else:
                yield here


def holder_of(message: Any, path: tuple[Any, ...]) -> tuple[Any, Any]:
    """The message or list that holds the value at `path`, and the last step."""
    for step in path[:-1]:
        message = message[step] if isinstance(step, int) else getattr(message, step)
    return message, path[-1]


def other_value(kind: type[Message], path: tuple[Any, ...]) -> tuple[str, Any]:
    """Another value that fits: as a word, and as the message holds it."""
    descriptor: Any = kind.DESCRIPTOR
    field: Any = None
    for step in path:
        if isinstance(step, str):
            field = descriptor.fields_by_name[step]
            descriptor = field.message_type
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        word = 'an "other" \\ one'
        return word, word if field.type == FieldDescriptor.TYPE_STRING else word.encode()
    if field.enum_type is not None:
        value = field.enum_type.values[-1]
        return value.name, value.number
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return "true", True
    return ("0.125", 0.125) if "float" in _cpp(field) else ("77", 77)


def _cpp(field: FieldDescriptor) -> str:
    return {1: "int", 2: "int", 3: "int", 4: "int", 5: "float", 6: "float"}.get(field.cpp_type, "")
