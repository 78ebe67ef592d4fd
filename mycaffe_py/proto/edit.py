"""Changes to a text that leave everything else in it as it is: comments, order, blanks.

Each function gives the new text. A path has the steps that Locations takes: ("layer", 3,
"convolution_param", "num_output"), with a number behind the name of a field that repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.proto.locations import Path
from mycaffe_py.proto.spans import Span, Spans, read_spans
from mycaffe_py.proto.tokens import Tokens
from mycaffe_py.proto.values import read_value

_INDENT = "  "
_BLANK_LINES = re.compile(r"\n[ \t]*\n[ \t]*\n")


def set_value(text: str, kind: type[Message], path: Path, word: str) -> str:
    """Let the field at `path` have the value `word`, as it is written without quotes.

    A field that the text gives keeps its place, a new one goes to the end of its message; messages
    around it that are not there are made. Errors: no such field, a value that does not fit.
    """
    _, spans = _read(text, kind)
    field = _field(kind.DESCRIPTOR, path)
    value = _written(field, word)
    span = spans.find(path)
    if span is not None:
        return text[: span.start] + value + text[span.end :]
    there = len(path)
    while there and spans.inside(path[:there]) is None:
        there -= 1
    _check_next(spans, path, there)
    missing = [step for step in path[there:] if isinstance(step, str)]
    return _inserted(text, spans, path[:there], _nested(missing, value))


def remove_field(text: str, kind: type[Message], path: Path) -> str:
    """Take the field at `path` out, with its line where nothing else stands there."""
    _field(kind.DESCRIPTOR, path)
    span = _read(text, kind)[1].find(path)
    if span is None:
        return text
    if span.in_list:
        return _cut_of_list(text, span)
    return _cut(text, span.statement_start, span.statement_end)


def add_layer(text: str, kind: type[Message], snippet: str, after: int | None) -> str:
    """Put the text of a layer behind the layer number `after`, None: behind the last."""
    _, spans = _read(text, kind)
    layers = [span for path, span in spans.root.items() if path[0] in ("layer", "layers")]
    if not layers:
        return f"{text.rstrip()}\n\n{snippet.strip()}\n".lstrip("\n")
    behind = layers[-1 if after is None else after]
    place = _end_of_line(text, behind.statement_end)
    return f"{text[:place]}\n{snippet.strip()}{text[place:]}"


def remove_layer(text: str, kind: type[Message], number: int) -> str:
    """Take out the layer of that number, in file order."""
    return remove_field(text, kind, ("layer", number))


def rename(text: str, kind: type[Message], old: str, new: str) -> str:
    """Call a layer `new`, and its top of the same name wherever it is a bottom or a top."""
    message, spans = _read(text, kind)
    net: Any = message
    edits: list[Span] = []
    for number, layer in enumerate(net.layer):
        base: Path = ("layer", number)
        if layer.name == old:
            edits += _found(spans, (*base, "name"))
        for name in ("bottom", "top"):
            for entry, blob in enumerate(getattr(layer, name)):
                if blob == old:
                    edits += _found(spans, (*base, name, entry))
    word = _quoted(new)
    for span in sorted(edits, key=lambda one: -one.start):
        text = text[: span.start] + word + text[span.end :]
    return text


def _read(text: str, kind: type[Message]) -> tuple[Message, Spans]:
    """What is read once serves several edits of one text, such as the same in both twins."""
    hashable: Any = kind
    return _read_once(text, hashable)


@lru_cache(maxsize=4)
def _read_once(text: str, kind: Any) -> tuple[Message, Spans]:
    return read_spans(text, kind)


def _check_next(spans: Spans, path: Path, there: int) -> None:
    """A new entry of a field that repeats comes behind those that are there."""
    inside = spans.inside(path[:there]) or {}
    for at in range(there, len(path)):
        number = path[at]
        if isinstance(number, int):
            count = sum(found[0] == path[at - 1] for found in inside) if at == there + 1 else 0
            if number != count:
                raise UserError(
                    f"there are {count} of '{path[at - 1]}', so number {number} cannot be next",
                    do="Add the ones before it first.",
                )


def _found(spans: Spans, path: Path) -> list[Span]:
    span = spans.find(path)
    return [span] if span else []


def _field(descriptor: Any, path: Path) -> FieldDescriptor:
    """The field that `path` leads to. Errors: there is none."""
    field: FieldDescriptor | None = None
    inside = descriptor
    for step in path:
        if not isinstance(step, str):
            continue
        if inside is None or step not in inside.fields_by_name:
            known = inside.fields_by_name if inside is not None else ()
            raise UserError(f"there is no field '{step}'", do=nearest(step, known))
        field = inside.fields_by_name[step]
        inside = field.message_type
    if field is None:
        raise UserError("no field is named")
    return field


def _written(field: FieldDescriptor, word: str) -> str:
    """The value as a text writes it. Errors: it does not fit the field."""
    if field.message_type is not None:
        return word if word.lstrip().startswith("{") else "{ }"
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return _quoted(word)
    written = word.strip()
    tokens = Tokens(written, "")
    read_value(tokens, field)
    if tokens.next:
        raise UserError(f"'{word}' is more than one value", wanted=f"for '{field.name}'")
    return written


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _nested(names: Iterable[str], value: str) -> str:
    """ "a { b { c: value } }" of the names a, b, c."""
    *outer, last = names
    inner = f"{last} {value}" if value.startswith("{") else f"{last}: {value}"
    for name in reversed(outer):
        inner = f"{name} {{ {inner} }}"
    return inner


def _inserted(text: str, spans: Spans, path: Path, statement: str) -> str:
    """The text with `statement` at the end of the message at `path`."""
    if not path:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}{statement}\n"
    span = spans.find(path)
    assert span is not None
    inside = list(span.inside.values())
    closing = span.end - 1
    if "\n" not in text[span.start : span.end]:
        return f"{text[:closing].rstrip(' ')} {statement} {text[closing:]}"
    if not inside:
        indent = _indent_of(text, span.statement_start) + _INDENT
        return f"{text[:closing].rstrip()}\n{indent}{statement}\n{indent[2:]}{text[closing:]}"
    last = max(inside, key=lambda one: one.statement_end)
    place = min(_end_of_line(text, last.statement_end), closing)
    indent = _indent_of(text, last.statement_start)
    if place == closing:
        return f"{text[:closing].rstrip()} {statement} {text[closing:]}"
    return f"{text[:place]}\n{indent}{statement}{text[place:]}"


def _indent_of(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    found = re.match(r"[ \t]*", text[start:place])
    return found[0] if found else ""


def _end_of_line(text: str, place: int) -> int:
    """Behind what stands on the line of `place` besides: separators, blanks and a comment."""
    found = re.compile(r"[ \t;,]*(#[^\n]*)?(?=\n|\Z)").match(text, place)
    return found.end() if found else place


def _cut(text: str, start: int, end: int) -> str:
    """Without text[start:end], and without its line where nothing else is on it."""
    line = text.rfind("\n", 0, start) + 1
    behind = re.compile(r"[ \t;,]*(?:\n|\Z)").match(text, end)
    if not text[line:start].strip() and behind:
        return text[:line] + text[behind.end() :]
    if not text[line:start].strip():
        # A comment or other fields follow on the line: they stay.
        return text[:start] + text[end:].lstrip(" \t;,")
    rest = re.sub(r"\A[ \t]*[;,]", "", text[end:])
    return text[:start].rstrip(" \t") + (rest if rest[:1] in ("", "\n", " ") else f" {rest}")


def _cut_of_list(text: str, span: Span) -> str:
    """Without one value of "name: [a, b]"; the statement goes with its last value."""
    behind = re.compile(r"[ \t\n]*,[ \t\n]*").match(text, span.end)
    if behind:
        return text[: span.start] + text[behind.end() :]
    before = re.search(r",[ \t\n]*\Z", text[: span.start])
    if before:
        return text[: before.start()] + text[span.end :]
    return _cut(text, span.statement_start, span.statement_end)
