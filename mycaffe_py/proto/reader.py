"""Fills a message from the tokens of a text and remembers where each field stands.

Messages are proto2, where a field without presence is a repeated one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.errors import UserError, Where
from mycaffe_py.printable import shown
from mycaffe_py.proto import forks
from mycaffe_py.proto.layer_types import note_types
from mycaffe_py.proto.locations import Place
from mycaffe_py.proto.mistakes import Mistakes
from mycaffe_py.proto.mycaffe_pb2 import (
    LayerParameter,
    NetParameter,
    V1LayerParameter,
)
from mycaffe_py.proto.tokens import Tokens
from mycaffe_py.proto.values import MisfitError, read_value
from mycaffe_py.proto.wire import MOST_PARTS

_MAX_DEPTH = 100
_SLIPS: Mapping[tuple[str, str], str] = {("SolverParameter", "ransom_seed"): "random_seed"}
_CLOSING = {"{": "}", "<": ">", "[": "]"}
_OLD_TYPE = V1LayerParameter.DESCRIPTOR.fields_by_name["type"]
_OLD_PARAM = V1LayerParameter.DESCRIPTOR.fields_by_name["param"]


class Reader:
    """Reads one text. `root` holds the places; `layer_types` are those that are known."""

    def __init__(self, tokens: Tokens, layer_types: Collection[str] = ()) -> None:
        self.tokens = tokens
        self.layer_types = layer_types
        self.root = Place()
        self.mistakes = Mistakes(tokens.file)

    def read(self, message: Message) -> None:
        """Read the whole text into `message`. Raises UserError with all mistakes in it."""
        stopped: UserError | None = None
        try:
            self._fields(message, self.root, 0)
        except UserError as error:
            stopped = error
        if self.mistakes:
            # What was met before is certain; what stopped the reading may be its consequence.
            note_types(message, self.root, self.layer_types, self.mistakes)
            raise self.mistakes.error() from None
        if stopped is not None:
            raise stopped

    def _fields(self, message: Message, place: Place, depth: int, closing: str = "") -> None:
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
            if tokens.take(","):
                self._check_comma()
            else:
                tokens.take(";")

    def _check_comma(self) -> None:
        """Refuse 0,01: without this the 0 would be taken and the rest be called no name."""
        tokens = self.tokens
        if tokens.next.isdigit():
            tokens.fail(
                f"a number behind a comma, {tokens.found()}",
                wanted="a decimal number has a point",
                do="Write 0.01, not 0,01; or [1, 2] for a list.",
            )

    def _field(self, message: Message, place: Place, depth: int) -> None:
        tokens = self.tokens
        line, column = tokens.line, tokens.column
        field = self._named(message)
        if field is None:
            self._skip()
            return
        if field.has_presence and message.HasField(field.name):
            self._twice(field, place.inside[field.name].line, line)
            self._skip()
            return
        own = place.enter(field.name, line, column)
        colon = tokens.take(":")
        if field.message_type is None and not colon:
            if field is _OLD_PARAM and tokens.next == "{":
                self.mistakes.todays_form("param { }", line)
                self._skip()
                return
            tokens.fail(
                f"{tokens.found()} behind '{field.name}'",
                wanted="a ':' and its value",
                do="Write ':' instead of '='." if tokens.next == "=" else "",
            )
        if not field.has_presence and tokens.take("["):
            self._list(message, field, own, depth)
        else:
            self._value(message, field, own, (line, column), depth)

    def _twice(self, field: FieldDescriptor, first: int, line: int) -> None:
        do = "Remove one of the two."
        if field.containing_type is NetParameter.DESCRIPTOR and field.name == "name":
            do += " If two nets stand in this file, give each a file of its own."
        self.mistakes.other(
            UserError(
                f"'{field.name}' is given twice",
                where=Where(self.tokens.file, line),
                wanted=f"it holds one value, which line {first} gives",
                do=do,
            )
        )

    def _named(self, message: Message) -> FieldDescriptor | None:
        """The field of `message` whose name comes next; an unknown one is noted."""
        descriptor: Any = message.DESCRIPTOR
        tokens = self.tokens
        where = tokens.where
        name = tokens.name()
        if not name:
            tokens.fail(
                f"{tokens.found()} where the name of a field should be",
                wanted=f"this is inside {descriptor.name}",
            )
        name = _SLIPS.get((descriptor.name, name), name)
        known: Mapping[str, Any] = descriptor.fields_by_name
        field: FieldDescriptor | None = known.get(name)
        if field is None and descriptor is _OLD_TYPE.containing_type and _is_todays(name):
            self.mistakes.todays_form(name, where.line)
        elif field is None:
            self.mistakes.field(descriptor, name, where.line, where.column)
        return field

    def _skip(self) -> None:
        """Step over what stands behind the name of a field, however deep its brackets go."""
        tokens = self.tokens
        tokens.take(":")
        closing: list[str] = []
        while True:
            if tokens.next in _CLOSING:
                closing.append(_CLOSING[tokens.next])
                tokens.take(tokens.next)
            elif closing and tokens.next == closing[-1]:
                tokens.take(closing.pop())
            elif closing and (tokens.take(",") or tokens.take(";")):
                continue
            elif tokens.quoted() is None and not tokens.word():
                tokens.fail(f"{tokens.found()} where a value should be")
            if len(closing) > _MAX_DEPTH:
                tokens.fail(f"brackets {len(closing)} deep", wanted=f"at most {_MAX_DEPTH}")
            if not closing:
                return

    def _list(self, message: Message, field: FieldDescriptor, place: Place, depth: int) -> None:
        tokens = self.tokens
        if tokens.take("]"):
            return
        while True:
            self._value(message, field, place, (tokens.line, tokens.column), depth)
            if tokens.take("]"):
                return
            if not tokens.take(","):
                tokens.fail(f"{tokens.found()} in the list of '{field.name}'", wanted="',' or ']'")

    def _value(
        self,
        message: Message,
        field: FieldDescriptor,
        place: Place,
        start: tuple[int, int],
        depth: int,
    ) -> None:
        """Read one value of `field`; the entry of a repeated field gets a place of its own.

        It begins at `start`, a line and a column.
        """
        line, column = start
        holder: Any = message if field.has_presence else getattr(message, field.name)
        if not field.has_presence:
            place = place.enter(len(holder), line, column)
        if field.message_type is not None:
            if not field.has_presence and len(holder) >= MOST_PARTS:
                self.tokens.fail(
                    f"more than {MOST_PARTS:,} of '{field.name}'", wanted="no net has so many"
                )
            inner = getattr(message, field.name) if field.has_presence else holder.add()
            self._message(inner, field, place, depth + 1)
            return
        try:
            value = read_value(self.tokens, field)
        except MisfitError as misfit:
            self._misfit(field, misfit, line)
            return
        if field is _OLD_TYPE:
            self.mistakes.old_types.add(int(value))
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
        self._fields(message, place, depth, closing)

    def _misfit(self, field: FieldDescriptor, misfit: MisfitError, line: int) -> None:
        """Note a value that does not fit, or a layer type that the old form does not have."""
        word = misfit.word
        if field is not _OLD_TYPE or (misfit.quoted and word.isupper()):
            self.mistakes.other(misfit, word)
        elif misfit.quoted or word.replace("_", "") in self.layer_types:
            told = f'"{shown(word)}"' if misfit.quoted else shown(word)
            self.mistakes.todays_form(f"type: {told}", line)
        elif forks.with_layer(word):
            self.mistakes.layer_type(word, line, ())
        else:
            self.mistakes.other(misfit, word)


def _is_todays(name: str) -> bool:
    """Whether `name` is a field of layers that the old form does not have."""
    return name in LayerParameter.DESCRIPTOR.fields_by_name
