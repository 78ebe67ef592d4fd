"""Texts that are neither models nor solvers, told by how they begin."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What a text of each kind has near its beginning, and what to do.
_TEXTS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "an HTML page": (
        re.compile(r"\A\s*<(!doctype|html|head|body)", re.IGNORECASE),
        "Was the page that shows the file saved? Download the raw file.",
    ),
    "the answer of a web site that has no such file": (re.compile(r"\A\s*40[34]\b"), ""),
    "an XML text": (re.compile(r"\A\s*<(\?xml|[a-z]\w*[ >])"), ""),
    "a pointer of Git LFS": (
        re.compile(r"\Aversion https://git-lfs"),
        "Get the file itself with: git lfs pull",
    ),
    "a JSON file": (re.compile(r"\A\s*\[\s*[\"\[{\]]"), ""),
    "a Python program": (
        re.compile(r"^(import \w|from [\w.]+ import |def \w+\(|class \w+[(:])", re.MULTILINE),
        "Give the text that the program writes.",
    ),
    "a YAML text": (re.compile(r"\A---|^[ \t]*- \w+[ \t]*:", re.MULTILINE), ""),
    "a label map of the SSD fork": (re.compile(r"^item\s*\{", re.MULTILINE), ""),
    "a list of pictures": (
        re.compile(r"\A[^\n{}:\"]*\.(jpe?g|png|bmp|tiff?)\s+-?\d", re.IGNORECASE),
        "The source: field of an ImageData layer names it.",
    ),
}
_LOOKED_AT = 1 << 14


def other_text(text: str) -> tuple[str, str] | None:
    """What `text`, which is no model and no solver, is called, and what to do about it."""
    start = text[:_LOOKED_AT]
    for name, (pattern, do) in _TEXTS.items():
        if pattern.search(start):
            return name, do
    return None
