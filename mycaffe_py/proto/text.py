"""Model and solver texts, from files into messages and back.

What protobuf's own text format allows is read the same way here; a test holds the two side by
side. Beyond it, what MyCaffe writes is read too: strings without quotes (lr_policy: inv), True and
False in any case, enum values in any case, 5.0 for 5, and `ransom_seed`, a slip of its writer.
One thing is refused that protobuf reads: a whole number such as 010, which it takes for 8.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from mycaffe_py.errors import UserError, Where
from mycaffe_py.printable import shown
from mycaffe_py.proto.binary import read_at_most
from mycaffe_py.proto.file_kind import MODEL, SOLVER, FileKind, is_text, kind_of, sentence
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.reader import Reader
from mycaffe_py.proto.tokens import Tokens

M = TypeVar("M", bound=Message)

MAX_TEXT_BYTES = 256 * 2**20
_WANTED = {"NetParameter": MODEL, "SolverParameter": SOLVER}
# What "surrogateescape" makes of a byte that is not UTF-8.
_ESCAPED = re.compile("[\udc80-\udcff]")
_LONE_RETURN = re.compile("\r(?!\n)")


@dataclass(frozen=True)
class Parsed(Generic[M]):
    """A message, and where its fields stand in the text it was read from."""

    message: M
    locations: Locations


def read_text(
    text: str,
    message_class: type[M],
    file: str = "<text>",
    layer_types: Collection[str] = (),
) -> Parsed[M]:
    """The message that `text` describes; `file` names it in errors. Raises UserError.

    An error about one name tells all others that are unknown too. Where the known `layer_types`
    are given, it tells unknown ones as well; a text without other mistakes may have any.
    """
    return read_by(Reader(Tokens(text, file), layer_types), message_class)


def read_by(reader: Reader, message_class: type[M]) -> Parsed[M]:
    """The same, by a reader that may note more on its way than where fields stand."""
    message = message_class()
    file = reader.tokens.file
    locations = Locations(file, reader.root)
    try:
        reader.read(message)
    except UserError:
        _refuse_other_text(reader.tokens.text, message_class, file)
        raise
    _check_required(message, locations)
    return Parsed(message, locations)


def read_text_file(
    path: str | Path, message_class: type[M], layer_types: Collection[str] = ()
) -> Parsed[M]:
    """The message in the text file at `path`, as read_text reads it. Raises UserError."""
    return read_text(text_of_file(path), message_class, str(path), layer_types)


def text_of_file(path: str | Path) -> str:
    """The text in the file at `path`. Raises UserError for one that cannot be read or is none."""
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = read_at_most(stream, MAX_TEXT_BYTES + 1)
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=Where(file)) from error
    except ValueError:
        raise UserError(f"'{shown(file)}' is no file name") from None
    if len(raw) > MAX_TEXT_BYTES:
        raise UserError(
            "too big for a text", where=Where(file), wanted=f"at most {MAX_TEXT_BYTES} bytes"
        )
    return decode(raw, file)


def _refuse_other_text(text: str, message_class: type[Message], file: str) -> None:
    """Raise UserError if a text that could not be read is one of another kind."""
    wanted = _WANTED.get(message_class.DESCRIPTOR.name)
    kind = kind_of(text.encode(errors="replace"), file)
    if wanted is not None and kind is not None and kind != wanted:
        raise _other_kind(kind, wanted.name, file)


def _other_kind(kind: FileKind, wanted: str, file: str) -> UserError:
    return UserError(
        f"this is {kind}",
        where=Where(file),
        wanted=f"{wanted} is wanted",
        do=sentence(kind.taken_by),
    )


def decode(raw: bytes, file: str) -> str:
    """`raw` as text, without the mark Windows editors put in front. Raises UserError.

    Texts from before UTF-8 was everywhere hold other bytes in comments and names, which Caffe does
    not mind: each is read as its character in Latin-1. A file that is no text is refused.
    """
    kind = None if is_text(raw) else kind_of(raw, file)
    text = raw.decode("utf-8-sig", "surrogateescape")
    other_bytes = not text.isascii() and _ESCAPED.search(text) is not None
    if kind is None and other_bytes and not is_text(raw):
        kind = FileKind("a binary file")
    if kind is not None:
        raise _other_kind(kind, "a text", file)
    if "\r" in text:
        # The line ends of old Macs: a comment of one line would leave out all that follows it.
        text = _LONE_RETURN.sub("\n", text)
    return _ESCAPED.sub(lambda byte: chr(ord(byte[0]) & 0xFF), text) if other_bytes else text


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
