"""Markdown from facts: tables, fences, and docstrings as people read them on a page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Parts of a layer's docstring, each a line that ends with a colon and indented lines below it.
PART = re.compile(r"^(Formula|Shapes|Source|Example):\n((?:(?:    .*)?\n?)+)", re.MULTILINE)
NOTE = "<!-- Written by docs_build from the code: change it there. -->\n\n"


@dataclass(frozen=True)
class Page:
    """A page of the reference."""

    path: str
    title: str
    text: str


def cell(text: str) -> str:
    """Words in a cell of a table, or anywhere where they are no Markdown."""
    plain = text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    for sign in "*_<>[]#":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def code(text: str) -> str:
    """A word of code in a cell."""
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if text else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def fence(text: str, language: str = "text") -> str:
    """A block."""
    return f"```{language}\n{text.strip(chr(10))}\n```\n"


def docstring(thing: object) -> str:
    """The docstring of a thing as Markdown: examples in blocks, lines of a list apart."""
    text = inspect.getdoc(thing) or ""
    parts = re.split(r"((?:^>>> .*\n?(?:^(?!$|>>> ).*\n?)*)+)", text, flags=re.MULTILINE)
    return "\n\n".join(
        fence(part, "python") if part.startswith(">>> ") else part.strip()
        for part in parts
        if part.strip()
    )
