"""Foreign text, such as names of labels and files, as a terminal may show it."""

from __future__ import annotations

import re

_SHOWN_CHARACTERS = 60
# What steers a terminal, turns the direction of writing, or cannot be encoded. A line feed and a
# tabulator lay out our own tables.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NO_UTF8 = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with the bytes of a file name that are no UTF-8 written out, so that it is UTF-8."""
    return _NO_UTF8.sub(_written_out, text)


def printable(text: str) -> str:
    """`text` with what steers a terminal written out: \\x1b. Bytes of a name that are no UTF-8 too.

    Whole lines and tables may be given.
    """
    return _STEERING.sub(_written_out, text)


def one_line(text: str) -> str:
    """`text`, such as a name in a table, printable and without line feeds and tabulators."""
    return printable(text).replace("\n", "\\x0a").replace("\t", "\\x09")


def shown(text: str) -> str:
    """`text` as an error message may quote it: printable, in one line, and short."""
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
    return "".join(c if c.isprintable() else _escape(c) for c in cut)


def _written_out(match: re.Match[str]) -> str:
    return _escape(match.group())


def _escape(character: str) -> str:
    code = ord(character)
    # Python's stand-ins for the bytes 0x80-0xff of a file name (os.fsdecode).
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    return f"\\x{byte:02x}" if byte < 0x100 else f"\\u{byte:04x}"
