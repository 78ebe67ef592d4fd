"""The modules of a page as one file, so that a browser asks once and not twenty times.

Nothing is built: the files below page/ are put together when they are asked for, each in a function
of its own that returns what it exports. What app.js needs is there on every page and comes once.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent / "page"
SHELL = "app.js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function\*?|function\*?|class|const) (\w+)", re.MULTILINE)
# A module may wait for something before it is there.
_WAIT = re.compile(r"^\S.*\bawait\b", re.MULTILINE)
_MARK = "// From "


def bundled(name: str) -> str:
    """The script `name` ("app.js", "pages/run.js") with all modules that it needs.

    Errors: FileNotFoundError, there is no such script.
    """
    shared = dict.fromkeys(_needed(SHELL))
    if name == SHELL:
        parts = ["export const modules = {};\n", *(_wrapped(one) for one in shared)]
    else:
        own = [one for one in _needed(name) if one not in shared]
        up = "../" * name.count("/") or "./"
        names = ", ".join(found[1] for found in _EXPORT.findall(_text(name)))
        parts = [
            f'import {{modules}} from "{up}{SHELL}";\n',
            *(_wrapped(one) for one in own),
            f'export const {{{names}}} = modules["{name}"];\n',
        ]
    return "".join(parts)


def module_at(text: str, place: int) -> str:
    """Which module the character at `place` of a bundle came from."""
    begin = text.rfind(_MARK, 0, place + 1)
    return text[begin + len(_MARK) : text.find("\n", begin)] if begin >= 0 else ""


def _needed(name: str) -> list[str]:
    """The modules that `name` imports, from the ground up, and itself."""
    found: dict[str, None] = {}

    def visit(one: str) -> None:
        if one not in found:
            for below in _imports(one):
                visit(below)
            found[one] = None

    visit(name)
    return list(found)


def _imports(name: str) -> Iterator[str]:
    for found in _IMPORT.finditer(_text(name)):
        yield _resolved(name, found[2])


def _resolved(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _wrapped(name: str) -> str:
    """The module as a function that is called once and gives what the module exports."""

    def taken(found: re.Match[str]) -> str:
        names = found[1].replace(" as ", ": ")
        return f'const {{{names}}} = modules["{_resolved(name, found[2])}"];\n'

    text = _text(name)
    exports = ", ".join(found[1] for found in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(taken, text))
    inside = f"{_MARK}{name}\n{body}return {{{exports}}};\n"
    begin = "await (async () =>" if _WAIT.search(text) else "(() =>"
    return f'modules["{name}"] ??= {begin} {{\n{inside}}})();\n'


def _text(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")
