"""One value of a text, turned into what its field holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from google.protobuf.descriptor import FieldDescriptor

from mycaffe_py.errors import UserError, Where
from mycaffe_py.printable import shown
from mycaffe_py.proto.slips import near
from mycaffe_py.proto.tokens import CURLY_QUOTES, Tokens, sign_advice

Value = str | bytes | bool | int | float

# Half a step beyond the greatest 32-bit float: from here on a value rounds to infinity.
_FLOAT32_OVERFLOW = 3.4028235677973366e38
_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
# No number anybody writes is longer than 400 digits, and reading digits takes quadratic time.
_DECIMAL = re.compile(r"[+-]?(0|[1-9][0-9]{0,400})\Z")
_OCTAL = re.compile(r"[+-]?0[0-7]{1,400}\Z")
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]{1,400}\Z")
_FLOAT = re.compile(
    r"[+-]?([0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})([eE][+-]?[0-9]{1,9})?[fF]?\Z"
)
_NOT_FINITE = re.compile(r"([+-]?(?:infinity|inf|nan))f?\Z", re.IGNORECASE)
_BOOLEANS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


class _WhyError(Exception):
    """The text holds a word that its field cannot take; tells what is wanted and what to do."""

    def __init__(self, wanted: str, do: str = "") -> None:
        self.wanted = wanted
        self.do = do
        super().__init__(wanted)


class MisfitError(UserError):
    """A value that its field cannot hold; the text behind it can be read on."""

    def __init__(
        self, word: str, quoted: bool, field: FieldDescriptor, where: Where, why: _WhyError
    ):
        super().__init__(
            f"'{shown(word)}' is no value for '{field.name}'",
            where=where,
            wanted=why.wanted,
            do=why.do,
        )
        self.word = word
        self.quoted = quoted


def read_value(tokens: Tokens, field: FieldDescriptor) -> Value:
    """The value that comes next, for `field`; raises UserError when it does not fit."""
    line, column = tokens.line, tokens.column
    quoted = tokens.quoted()
    word = _word(tokens, field) if quoted is None else quoted.decode("utf-8", "backslashreplace")
    try:
        if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
            if quoted is None:
                _check_quotes(word)
            return _text(field, word.encode("utf-8", "surrogatepass") if quoted is None else quoted)
        value = _READERS[field.cpp_type](field, word)
        if quoted is not None:
            raise _WhyError(f"it holds {_kind(field)}", "Leave the quotes away.")
        return value
    except _WhyError as why:
        if quoted is None and not why.do:
            why.do = "Leave the quotes away." if word[0] in CURLY_QUOTES else sign_advice(word)
        where = Where(tokens.file, line, column)
        raise MisfitError(word, quoted is not None, field, where, why) from None


def _word(tokens: Tokens, field: FieldDescriptor) -> str:
    word = tokens.word()
    if word == "-":
        word += tokens.word()
    if not word:
        tokens.fail(
            f"{tokens.found()} where the value of '{field.name}' should be",
            wanted=f"it holds {_kind(field)}",
        )
    return word


def _check_quotes(word: str) -> None:
    """Refuse the quotes of word processors, which would become part of the text."""
    if word[0] in CURLY_QUOTES or word[-1] in CURLY_QUOTES:
        raise _WhyError("a text stands in straight quotes", 'Write " in their place.')


def _text(field: FieldDescriptor, raw: bytes) -> Value:
    if field.type == FieldDescriptor.TYPE_BYTES:
        return raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _WhyError("it holds text, in UTF-8") from None


def _integer(field: FieldDescriptor, word: str) -> int:
    low, high = _RANGES[field.cpp_type]
    if _DECIMAL.match(word):
        number = int(word)
    elif _HEXADECIMAL.match(word):
        number = int(word, 16)
    elif _OCTAL.match(word):
        number = int(word, 8)
        if number != int(word):
            raise _WhyError(
                f"Caffe takes a number with a leading 0 as octal, so for {number}",
                f"Write {int(word)} or {number}.",
            )
    elif _FLOAT.match(word) and float(word.rstrip("fF")).is_integer():
        number = int(float(word.rstrip("fF")))
    else:
        raise _WhyError(f"it holds {_kind(field)}")
    if not low <= number <= high:
        raise _WhyError(f"it holds a whole number from {low} to {high}")
    return number


def _float(field: FieldDescriptor, word: str) -> float:
    not_finite = _NOT_FINITE.match(word)
    if not_finite:
        return float(not_finite.group(1))
    if not _FLOAT.match(word):
        if not _HEXADECIMAL.match(word) and not _OCTAL.match(word):
            raise _WhyError(f"it holds {_kind(field)}")
        number = float(int(word, 16 if "x" in word.lower() else 8))
    else:
        number = float(word.rstrip("fF"))
    is_single = field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT
    if abs(number) >= (_FLOAT32_OVERFLOW if is_single else float("inf")):
        raise _WhyError(f"it holds a number up to {'3.4e38' if is_single else '1.8e308'}")
    return number


def _boolean(field: FieldDescriptor, word: str) -> bool:
    if word.lower() not in _BOOLEANS:
        raise _WhyError(f"it holds {_kind(field)}")
    return _BOOLEANS[word.lower()]


def _enum(field: FieldDescriptor, word: str) -> int:
    numbers = _enum_numbers(field)
    if word in numbers:
        return numbers[word]
    for name, number in numbers.items():
        if name.lower() == word.lower():
            return number
    if _DECIMAL.match(word) and int(word) in numbers.values():
        return int(word)
    raise _WhyError(f"it holds {_kind(field)}", _did_you_mean(word, numbers))


def _did_you_mean(word: str, known: Collection[str]) -> str:
    slip = near(word, known)
    return f"Did you mean '{slip}'?" if slip else ""


def _enum_numbers(field: FieldDescriptor) -> dict[str, int]:
    values = field.enum_type.values if field.enum_type is not None else []
    return {value.name: value.number for value in values}


def _kind(field: FieldDescriptor) -> str:
    """What `field` holds, in words."""
    if field.enum_type is not None:
        return "one of " + ", ".join(_enum_numbers(field))
    return _KINDS[field.cpp_type]


_READERS: Mapping[int, Callable[[FieldDescriptor, str], Value]] = {
    **dict.fromkeys(_RANGES, _integer),
    FieldDescriptor.CPPTYPE_FLOAT: _float,
    FieldDescriptor.CPPTYPE_DOUBLE: _float,
    FieldDescriptor.CPPTYPE_BOOL: _boolean,
    FieldDescriptor.CPPTYPE_ENUM: _enum,
}
_KINDS = {
    FieldDescriptor.CPPTYPE_INT32: "a whole number",
    FieldDescriptor.CPPTYPE_INT64: "a whole number",
    FieldDescriptor.CPPTYPE_UINT32: "a whole number, 0 or more",
    FieldDescriptor.CPPTYPE_UINT64: "a whole number, 0 or more",
    FieldDescriptor.CPPTYPE_FLOAT: "a number",
    FieldDescriptor.CPPTYPE_DOUBLE: "a number",
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_STRING: "a text",
}
