"""How numbers and times are written in CSV files, and what reads those that were not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from mycaffe_py.data.counters.times import seconds
from mycaffe_py.errors import UserError

_NEVER_A_MARK = set("0123456789+-eE")
_FORMATS = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p",
    "%d-%m-%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M", "%b %d %Y %H:%M:%S", "%H:%M:%S", "%H:%M",
)  # fmt: skip
# Marks that people write: English, German, Swiss, French, and between thousands a blank.
_MARKS = ((",", "."), (".", ","), ("", ","), ("'", "."), (" ", ","), (" ", "."), ("\u00a0", ","))


@dataclass(frozen=True)
class CsvForm:
    """`thousands` and `decimal` are the marks in numbers, `time_format` is strptime's.

    "" is no mark of thousands, and times in ISO 8601 or seconds since 1970.
    """

    thousands: str = ""
    decimal: str = "."
    time_format: str = ""

    def __post_init__(self) -> None:
        """Refuse marks and formats that can be none."""
        for option, mark in (("--thousands", self.thousands), ("--decimal", self.decimal)):
            wrong = len(mark) > 1 or mark in _NEVER_A_MARK
            if wrong or (option == "--decimal" and not mark):
                raise UserError(f"{option} is '{mark}'", wanted="one sign that is in no number")
        if self.thousands == self.decimal:
            raise UserError(
                f"--thousands and --decimal are both '{self.decimal}'",
                wanted="two signs, as in 1.004,5; without --decimal it is the point",
            )
        if self.time_format:
            _check_format(self.time_format)

    def number(self, text: str) -> float:
        """The number in `text`. Errors: ValueError where it is none, or thousands stand oddly."""
        if self.thousands or self.decimal != ".":
            return float(_plain(text.strip(), self.thousands, self.decimal))
        return float(text)

    def seconds(self, text: str) -> float | None:
        """Seconds since 1970 of a time, for UTC where it names no zone; None where it is none."""
        if not self.time_format:
            return seconds(text)
        try:
            found = datetime.strptime(text.strip(), self.time_format)
        except ValueError:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def number_hint(text: str) -> str:
    """The options that read `text` as a number, "" where there are none."""
    for thousands, decimal in _MARKS:
        if thousands not in text:
            continue
        try:
            CsvForm(thousands, decimal).number(text)
        except ValueError:
            continue
        options = [f'--thousands "{thousands}"'] if thousands else []
        options += [f'--decimal "{decimal}"'] if decimal != "." else []
        return " ".join(options)
    return ""


def time_hint(text: str) -> str:
    """The options that read `text` as a time, parted by "or"; "" where there are none."""
    fits = [form for form in _FORMATS if CsvForm(time_format=form).seconds(text) is not None]
    return " or ".join(f'--time-format "{form}"' for form in fits)


def _plain(text: str, thousands: str, decimal: str) -> str:
    """`text` as float reads it. Thousands stand in groups: two or three digits, three in the end.

    Whatever stands otherwise is no number: 1,5 with thousands "," is not 15.
    """
    whole, mark, part = text.partition(decimal)
    if thousands and thousands in whole:
        cut = re.escape(thousands)
        if re.fullmatch(rf"[+-]?\d{{1,3}}(?:{cut}\d{{2,3}})*{cut}\d{{3}}", whole) is None:
            raise ValueError(text)
        whole = whole.replace(thousands, "")
    if decimal != "." and "." in whole + part:
        raise ValueError(text)
    return f"{whole}.{part}" if mark else whole


def _check_format(time_format: str) -> None:
    moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    try:
        datetime.strptime(moment.strftime(time_format), time_format)
        wrong = "%" not in time_format
    except ValueError:
        wrong = True
    if wrong:
        raise UserError(
            f"--time-format is '{time_format}'",
            wanted="strptime's, for example %d.%m.%Y %H:%M:%S for 14.05.2024 06:00:00",
        )
