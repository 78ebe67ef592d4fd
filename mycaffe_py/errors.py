"""The one error a user may cause, told in fixed parts: where, found, wanted, do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Where:
    """A place in a text file. `line` and `column` count from 1; 0 means all of the file or line."""

    file: str
    line: int = 0
    column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class MyCaffeError(Exception):
    """A failure of the job itself (disk full, non-finite loss): exit code 1."""

    exit_code = 1

    def __init__(
        self, found: str, *, where: Where | None = None, wanted: str = "", do: str = ""
    ) -> None:
        """`found` is what was found, `wanted` what was expected and why, `do` the remedy."""
        self.found = found
        self.where = where
        self.wanted = wanted
        self.do = do
        super().__init__(self._text())

    def as_json(self) -> dict[str, Any]:
        """The parts for machines: file ("" if none), line and column (0 if unknown), and the rest.

        `text` is the whole message, as a terminal shows it.
        """
        where = self.where or Where("")
        return {
            "file": where.file,
            "line": where.line,
            "column": where.column,
            "found": self.found,
            "wanted": self.wanted,
            "do": self.do,
            "text": str(self),
            "exit_code": self.exit_code,
        }

    def _text(self) -> str:
        # Messages that come from no text have a place without a file.
        place = str(self.where) if self.where else ""
        text = f"{place}: {self.found}" if place else self.found
        if self.wanted:
            text += f"; {self.wanted}"
        if not text.endswith((".", "!", "?")):
            text += "."
        return f"{text} {self.do}" if self.do else text


class UserError(MyCaffeError):
    """A mistake in what the user gave (text, data, option): exit code 2."""

    exit_code = 2


def nearest(name: str, known: Iterable[str]) -> str:
    """Remedy sentence for an unknown `name`: the nearest known one, or the list of all."""
    names = sorted(known)
    lower = {n.lower(): n for n in names}
    close = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{lower[close[0]]}'?"
    return f"Known: {', '.join(names)}." if names else ""


def reason_of(error: Exception) -> str:
    """Why it failed, in the system's words: without its number and the path, which a message has.

    Exceptions of other kinds say it themselves.
    """
    told = error.strerror if isinstance(error, OSError) else None
    return told or str(error) or type(error).__name__
