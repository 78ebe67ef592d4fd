"""The smallest parts of a text: names, signs, words and quoted strings."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

from mycaffe_py.errors import UserError, Where
from mycaffe_py.printable import shown

_BLANK = re.compile(r"(?:[ \t\r\n\f\v]+|#[^\n]*)+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"' + r"|'(?:[^'\\\n]|\\[^\n])*'")
_ESCAPE = re.compile(
    rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
_LETTERS = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"?": b"?",
}  # fmt: skip
_LINE_CHARACTERS = 1000
# Of a word, for advice on its signs.
_LOOKED_AT = 60
# What word processors and other keyboards write for the signs of plain text.
_STRAIGHT = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a\u2032\uff07`\u00b4", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
}
CURLY_QUOTES = "".join(sign for sign, plain in _STRAIGHT.items() if plain != "-")
# A value without quotes, or one in curly quotes, which are refused as a whole.
_WORD = re.compile(
    rf"[{CURLY_QUOTES}][^{CURLY_QUOTES}\n]*[{CURLY_QUOTES}]" + r"""|[^\s,;{}<>\[\]#"']+"""
)


def _plain(character: str) -> str:
    """The sign of plain text that `character` looks like: a full-width colon is ':'; else ""."""
    if character in _STRAIGHT:
        return _STRAIGHT[character]
    alike = unicodedata.normalize("NFKC", character)
    return alike if character > "\x7f" and len(alike) == 1 and alike.isascii() else ""


def sign_advice(word: str) -> str:
    """What to write for the first sign in `word` that is not of plain text; "" if all are."""
    for character in word[:_LOOKED_AT]:
        plain = _plain(character)
        if plain or not character.isprintable():
            name = unicodedata.name(character, "a control character")
            told = "a plain blank" if plain == " " else plain
            do = f"Write {told}." if plain else "Take it out."
            return f"'{shown(character)}' is {name}. {do}"
    return ""


class Tokens:
    """Reads a text from front to back, each character once; knows the line it has come to."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.position = 0
        self.line = 1
        self._line_start = 0
        self.skip()

    @property
    def where(self) -> Where:
        """Line and column of the next token."""
        return Where(self.file, self.line, self.column)

    @property
    def column(self) -> int:
        """The column of the next token, counted from 1."""
        return self.position - self._line_start + 1

    @property
    def next(self) -> str:
        """The next character, or "" at the end."""
        return self.text[self.position : self.position + 1]

    def skip(self) -> None:
        """Step over blanks and comments."""
        found = _BLANK.match(self.text, self.position)
        if found:
            lines = self.text.count("\n", found.start(), found.end())
            if lines:
                self.line += lines
                self._line_start = self.text.rfind("\n", found.start(), found.end()) + 1
            self.position = found.end()

    def take(self, sign: str) -> bool:
        """Step over the one character `sign` if it comes next."""
        if self.next != sign:
            return False
        self.position += 1
        self.skip()
        return True

    def name(self) -> str:
        """A field's name, or "" when no name comes next."""
        return self._match(_NAME)

    def word(self) -> str:
        """A value without quotes, up to a blank, separator or bracket; "" if there is none."""
        return self._match(_WORD)

    def quoted(self) -> bytes | None:
        """Strings in quotes, joined, their escapes resolved; None if there is none."""
        if self.next not in ("'", '"'):
            return None
        parts = []
        while self.next and self.next in "'\"":
            line, column = self.line, self.column
            raw = self._match(_QUOTED)
            if not raw:
                self._fail_open()
            plain = raw[1:-1].encode("utf-8", "surrogatepass")
            if b"\\" in plain:
                plain = self._unescape(plain, Where(self.file, line, column))
            parts.append(plain)
        return b"".join(parts)

    def _fail_open(self) -> NoReturn:
        line = self.text[self.position : self.position + _LINE_CHARACTERS].partition("\n")[0]
        curly = any(sign in line for sign in CURLY_QUOTES)
        self.fail(
            "a string without its closing quote",
            wanted="a string ends on the line it starts on",
            do="Close it with the straight quote that opens it."
            if curly
            else "Close it, or write \\n for a new line inside it.",
        )

    def fail(self, found: str, *, wanted: str = "", do: str = "") -> NoReturn:
        """Raise UserError at the next token."""
        raise UserError(found, where=self.where, wanted=wanted, do=do or self.advice())

    def advice(self) -> str:
        """What to do about a sign of a word processor or of another language that comes next."""
        if self.text.startswith(("//", "/*"), self.position):
            return "Begin a comment with #."
        word = _WORD.match(self.text, self.position)
        return sign_advice(word.group() if word else self.next)

    def found(self) -> str:
        """What comes next, for an error message."""
        if not self.next:
            return "the end of the text"
        word = _WORD.match(self.text, self.position)
        return f"'{shown(word.group() if word else self.next)}'"

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.position)
        if not found:
            return ""
        self.position = found.end()
        self.skip()
        return found.group()

    def _unescape(self, plain: bytes, where: Where) -> bytes:
        def resolve(found: re.Match[bytes]) -> bytes:
            octal, hexadecimal, short, long, letter = found.groups()
            number = int(octal, 8) if octal else int(hexadecimal or b"0", 16)
            if short or long:
                number = int(short or long, 16)
                if number <= 0x10FFFF:
                    return chr(number).encode("utf-8", "surrogatepass")
            elif octal or hexadecimal:
                if number <= 0xFF:
                    return bytes([number])
            elif letter in _LETTERS:
                return _LETTERS[letter]
            escape = found.group().decode("utf-8", "replace")
            raise UserError(
                f"unknown escape '{shown(escape)}' in a string",
                where=where,
                do="Write \\\\ for a backslash, or / in paths.",
            )

        return _ESCAPE.sub(resolve, plain)
