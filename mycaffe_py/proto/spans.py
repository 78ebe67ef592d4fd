"""Where each field of a text stands, from its first character to behind its last.

What edits a text needs more than the line that an error tells: it changes these characters and
leaves every other one, comments and blanks included, as its writer set it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.proto.locations import Path, Place, Step
from mycaffe_py.proto.reader import Reader
from mycaffe_py.proto.text import Parsed, read_by
from mycaffe_py.proto.tokens import Tokens

M = TypeVar("M", bound=Message)


@dataclass
class Span:
    """One value: its characters are text[start:end], braces or quotes included.

    text[statement_start:statement_end] is all of "name: value", of a list all of "name: [...]".
    `in_list` says that the statement holds other values too. `inside` are the spans of a
    message's own fields, by the steps of their paths (a name, then a number where it repeats).
    """

    start: int
    end: int
    statement_start: int = 0
    statement_end: int = 0
    in_list: bool = False
    inside: dict[Path, Span] = field(default_factory=dict)


class _CountingTokens(Tokens):
    """Knows where the last token ended, before the blanks and comments behind it."""

    def __init__(self, text: str, file: str) -> None:
        self.end = 0
        super().__init__(text, file)

    def skip(self) -> None:
        """Step over blanks and comments; the token ended before them."""
        self.end = self.position
        super().skip()


class _SpanReader(Reader):
    """Reads as Reader does, and notes the span of each value."""

    def __init__(self, tokens: _CountingTokens, layer_types: Collection[str] = ()) -> None:
        super().__init__(tokens, layer_types)
        self.counting = tokens
        self.spans: dict[Path, Span] = {}
        self._open: list[dict[Path, Span]] = [self.spans]
        self._added: list[list[Span]] = [[]]

    def _field(self, message: Message, place: Place, depth: int) -> None:
        begin = self.counting.position
        self._added.append([])
        super()._field(message, place, depth)
        added = self._added.pop()
        for span in added:
            span.statement_start, span.statement_end = begin, self.counting.end
            span.in_list = len(added) > 1 or self._is_list(added[0], begin)

    def _is_list(self, span: Span, begin: int) -> bool:
        """Whether one value alone stands in brackets, as in "kernel_size: [3]"."""
        return "[" in self.counting.text[begin : span.start].partition("#")[0]

    def _value(
        self,
        message: Message,
        field: FieldDescriptor,
        place: Place,
        start: tuple[int, int],
        depth: int,
    ) -> None:
        steps: list[Step] = [field.name]
        if not field.has_presence:
            steps.append(len(getattr(message, field.name)))
        span = Span(self.counting.position, 0)
        self._open[-1][tuple(steps)] = span
        self._added[-1].append(span)
        self._open.append(span.inside)
        super()._value(message, field, place, start, depth)
        self._open.pop()
        span.end = self.counting.end


@dataclass(frozen=True)
class Spans:
    """The spans of a whole text. `find(path)` takes the steps that Locations takes."""

    text: str
    root: dict[Path, Span]

    def find(self, path: Path) -> Span | None:
        """The span of the value at `path`, None where the text does not give it."""
        within, found, rest = self.root, None, path
        while rest:
            length = 2 if rest[:2] in within else 1
            found = within.get(rest[:length])
            if found is None:
                return None
            within, rest = found.inside, rest[length:]
        return found

    def inside(self, path: Path) -> dict[Path, Span] | None:
        """The spans of the fields of the message at `path`, () for the whole text."""
        if not path:
            return self.root
        found = self.find(path)
        return found.inside if found else None


def read_spans(text: str, message_class: type[M], file: str = "<text>") -> tuple[M, Spans]:
    """The message that `text` describes, with the span of each value. Raises UserError."""
    message = message_class()
    reader = _SpanReader(_CountingTokens(text, file))
    reader.read(message)
    return message, Spans(text, reader.spans)


def read_with_spans(
    text: str, message_class: type[M], file: str, layer_types: Collection[str] = ()
) -> tuple[Parsed[M], Spans]:
    """What read_text gives, and the spans, by reading the text once. Raises UserError."""
    reader = _SpanReader(_CountingTokens(text, file), layer_types)
    return read_by(reader, message_class), Spans(text, reader.spans)
