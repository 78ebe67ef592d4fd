"""Floor 1. Reads model and solver texts into messages, remembering where each field stands.

What protobuf's own text format allows is read the same way here; a test holds the two side by
side. Beyond it, what MyCaffe writes is read too: strings without quotes (lr_policy: inv), True and
False in any case, enum values in any case, 5.0 for 5, and `ransom_seed`, a slip of its writer.
Messages are proto2, where a field without presence is a repeated one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.proto.file_kind import MODEL, RUN_CARD, SOLVER, FileKind, is_text, kind_of, sentence
from mycaffe_py.proto.locations import Locations, Place
from mycaffe_py.proto.tokens import Tokens, shown
from mycaffe_py.proto.values import read_value

M = TypeVar("M", bound=Message)

MAX_TEXT_BYTES = 256 * 2**20
_MAX_DEPTH = 100
_WANTED = {"NetParameter": MODEL, "SolverParameter": SOLVER}
_SLIPS: Mapping[tuple[str, str], str] = {("SolverParameter", "ransom_seed"): "random_seed"}


@dataclass(frozen=True)
class Parsed(Generic[M]):
    """A message, and where its fields stand in the text it was read from."""

    message: M
    locations: Locations


def read_text(text: str, message_class: type[M], file: str = "<text>") -> Parsed[M]:
    """The message that `text` describes; `file` names it in errors. Raises UserError."""
    message = message_class()
    root = Place()
    try:
        _Reader(Tokens(text, file)).fields(message, root, 0)
    except UserError:
        _refuse_other_text(text, message_class, file)
        raise
    locations = Locations(file, root)
    _check_required(message, locations)
    return Parsed(message, locations)


def read_text_file(path: str | Path, message_class: type[M]) -> Parsed[M]:
    """The message in the text file at `path`. Raises UserError."""
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=Where(file)) from error
    except ValueError:
        raise UserError(f"'{shown(file)}' is no file name") from None
    if len(raw) > MAX_TEXT_BYTES:
        raise UserError(
            "too big for a text", where=Where(file), wanted=f"at most {MAX_TEXT_BYTES} bytes"
        )
    return read_text(decode(raw, file), message_class, file)


def _refuse_other_text(text: str, message_class: type[Message], file: str) -> None:
    """A text that cannot be read may be one of another kind."""
    wanted = _WANTED.get(message_class.DESCRIPTOR.name)
    kind = kind_of(text.encode(errors="replace"), file)
    if wanted is not None and kind in (MODEL, SOLVER, RUN_CARD) and kind != wanted:
        raise _other_kind(kind, wanted.name, file)


def _other_kind(kind: FileKind, wanted: str, file: str) -> UserError:
    return UserError(
        f"this is {kind}",
        where=Where(file),
        wanted=f"{wanted} is wanted",
        do=sentence(kind.taken_by),
    )


def decode(raw: bytes, file: str) -> str:
    """`raw` as text, without the mark Windows editors put in front. Raises UserError."""
    kind = None if is_text(raw) else kind_of(raw, file)
    if kind is not None:
        raise _other_kind(kind, "a text", file)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + raw.count(b"\n", 0, error.start)
        raise UserError(
            f"byte 0x{raw[error.start]:02x} is no UTF-8 text",
            where=Where(file, line),
            do="Is this a text file? Save it as UTF-8.",
        ) from None


def write_text(message: Message) -> str:
    """`message` as strict protobuf text, which read_text and every Caffe read back."""
    return text_format.MessageToString(message)


def _check_required(message: Message, locations: Locations) -> None:
    untyped: Any = message
    for missing in untyped.FindInitializationErrors():
        steps = re.findall(r"[a-z_0-9]+", missing)
        path = [int(step) if step.isdigit() else step for step in steps]
        raise UserError(
            f"'{steps[-1]}' is missing",
            where=locations.at(*path),
            wanted="it has no default",
            do=f"Write {steps[-1]}: and its value.",
        )


class _Reader:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def fields(self, message: Message, place: Place, depth: int, closing: str = "") -> None:
        """Read fields into `message` up to and including `closing` ("" is the end of the text)."""
        tokens = self.tokens
        opened = tokens.line
        while not (closing and tokens.take(closing)):
            if not tokens.next:
                if closing:
                    raise UserError(
                        f"the bracket of '{message.DESCRIPTOR.name}' is never closed",
                        where=Where(tokens.file, place.line or opened),
                        wanted=f"a '{closing}' before the end of the text",
                    )
                return
            self._field(message, place, depth)
            if not tokens.take(","):
                tokens.take(";")

    def _field(self, message: Message, place: Place, depth: int) -> None:
        tokens = self.tokens
        line = tokens.line
        field = self._named(message)
        if field.has_presence and message.HasField(field.name):
            first = place.inside[field.name].line
            raise UserError(
                f"'{field.name}' is given twice",
                where=Where(tokens.file, line),
                wanted=f"it holds one value, which line {first} gives",
                do="Remove one of the two.",
            )
        own = place.enter(field.name, line)
        colon = tokens.take(":")
        if field.message_type is None and not colon:
            tokens.fail(f"{tokens.found()} behind '{field.name}'", wanted="a ':' and its value")
        if not field.has_presence and tokens.take("["):
            self._list(message, field, own, depth)
        else:
            self._value(message, field, own, line, depth)

    def _named(self, message: Message) -> FieldDescriptor:
        """The field of `message` whose name comes next."""
        descriptor = message.DESCRIPTOR
        tokens = self.tokens
        where = tokens.where
        found = tokens.found()
        name = tokens.name()
        if not name:
            raise UserError(
                f"{found} where the name of a field should be",
                where=where,
                wanted=f"this is inside {descriptor.name}",
            )
        name = _SLIPS.get((descriptor.name, name), name)
        known: Mapping[str, Any] = descriptor.fields_by_name
        field: FieldDescriptor | None = known.get(name)
        if field is None:
            raise UserError(
                f"unknown field '{shown(name)}'",
                where=where,
                wanted=f"{descriptor.name} has no such field",
                do=nearest(shown(name), known),
            )
        return field

    def _list(self, message: Message, field: FieldDescriptor, place: Place, depth: int) -> None:
        tokens = self.tokens
        if tokens.take("]"):
            return
        while True:
            self._value(message, field, place, tokens.line, depth)
            if tokens.take("]"):
                return
            if not tokens.take(","):
                tokens.fail(f"{tokens.found()} in the list of '{field.name}'", wanted="',' or ']'")

    def _value(
        self, message: Message, field: FieldDescriptor, place: Place, line: int, depth: int
    ) -> None:
        """Read one value of `field`; the entry of a repeated field gets a place of its own."""
        holder: Any = message if field.has_presence else getattr(message, field.name)
        if not field.has_presence:
            place = place.enter(len(holder), line)
        if field.message_type is not None:
            inner = getattr(message, field.name) if field.has_presence else holder.add()
            self._message(inner, field, place, depth + 1)
            return
        value = read_value(self.tokens, field)
        if field.has_presence:
            setattr(message, field.name, value)
        else:
            holder.append(value)

    def _message(self, message: Message, field: FieldDescriptor, place: Place, depth: int) -> None:
        tokens = self.tokens
        if depth > _MAX_DEPTH:
            tokens.fail(f"brackets {depth} deep", wanted=f"at most {_MAX_DEPTH}")
        if tokens.take("{"):
            closing = "}"
        elif tokens.take("<"):
            closing = ">"
        else:
            tokens.fail(
                f"{tokens.found()} behind '{field.name}'",
                wanted="'{', because it holds further fields",
            )
        message.SetInParent()
        self.fields(message, place, depth, closing)
