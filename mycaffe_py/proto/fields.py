"""What the fields of a message are, for a form: kinds, defaults, and the comments of the proto."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, NetParameter, SolverParameter
from mycaffe_py.proto.templates import text_folder

_KINDS = {
    FieldDescriptor.CPPTYPE_BOOL: "bool", FieldDescriptor.CPPTYPE_FLOAT: "float",
    FieldDescriptor.CPPTYPE_DOUBLE: "float", FieldDescriptor.CPPTYPE_STRING: "text",
    FieldDescriptor.CPPTYPE_ENUM: "enum", FieldDescriptor.CPPTYPE_MESSAGE: "message",
}  # fmt: skip


@dataclass(frozen=True)
class FieldFacts:
    """One field: `kind` is bool, int, float, text, enum, or message of the type `message`.

    `default` is what holds where the text is silent, `values` those of an enum, `about` the comment
    of the proto.
    """

    name: str
    kind: str
    repeats: bool
    default: Any
    values: tuple[str, ...]
    message: str
    about: str


def fields_of(message: str) -> tuple[FieldFacts, ...]:
    """The fields of the message called `message`, in the order of the proto. Errors: KeyError."""
    descriptor = _message(message)
    comments = _comments().get(message, {})
    return tuple(_facts(field, comments.get(field.name, "")) for field in descriptor.fields)


def _facts(field: Any, about: str) -> FieldFacts:
    values = tuple(value.name for value in field.enum_type.values) if field.enum_type else ()
    default = None
    if field.has_presence and field.message_type is None:
        default = field.default_value
        if field.enum_type:
            default = field.enum_type.values_by_number[default].name
        elif isinstance(default, bytes):
            default = default.decode("latin-1")
    return FieldFacts(
        field.name,
        _KINDS.get(field.cpp_type, "int"),
        not field.has_presence,
        default,
        values,
        field.message_type.name if field.message_type else "",
        about,
    )


def _message(name: str) -> Any:
    known = {kind.DESCRIPTOR.name: kind.DESCRIPTOR for kind in (LayerParameter, NetParameter)}
    known["SolverParameter"] = SolverParameter.DESCRIPTOR
    file = LayerParameter.DESCRIPTOR.file
    return known[name] if name in known else file.message_types_by_name[name]


@cache
def _comments() -> dict[str, dict[str, str]]:
    """The comment of each field, by message: the lines before it, or what stands behind it."""
    found: dict[str, dict[str, str]] = {}
    message, before = "", list[str]()
    for line in (text_folder("protos") / "mycaffe.proto").read_text(encoding="utf-8").splitlines():
        words = line.strip()
        if line.startswith("message "):
            message, before = words.split()[1], []
            found[message] = {}
        elif words.startswith("//"):
            before.append(words.lstrip("/ "))
        elif "=" in words and words.split(maxsplit=1)[0] in ("optional", "repeated", "required"):
            name = words.partition("=")[0].split()[-1]
            behind = words.partition("//")[2].strip()
            found.setdefault(message, {})[name] = " ".join([*before, behind]).strip()
            before = []
        else:
            before = []
    return found
