"""The folder the studio works in: which of its files the pages may read and write.

A page never names a path. It names a file by its place below the folder, with slashes; what leads
out of the folder, by dots or by a link, is refused, and so is a file of any other kind.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.proto.text import decode
from mycaffe_py.snapshot.names import files_below

MODEL, SOLVER = ".prototxt", ".solver"
TEXTS = (MODEL, SOLVER)
_WINDOWS_LINE = "\r\n"
# A text of a net with a thousand layers has half a megabyte.
MOST_TEXT_BYTES = 4 << 20
# What the studio keeps of its own; files_below does not look into hidden folders.
OWN = ".mycaffe-studio"


class ChangedError(UserError):
    """A text was changed by another program since the page read it."""


@dataclass(frozen=True)
class Text:
    """A text as it is on the disk, but for what editors of Windows write: a mark in front, another
    end of the lines. `version` is the hash that saving it again must name.
    """

    name: str
    content: str
    version: str


@dataclass(frozen=True)
class Workspace:
    """`root` is the folder, with no link left in its path."""

    root: Path

    @staticmethod
    def at(folder: Path) -> Workspace:
        """The workspace of `folder`. Errors: there is no such folder."""
        if not folder.is_dir():
            raise UserError(
                f"there is no folder '{folder}'", do="Make it first, or name another one."
            )
        return Workspace(folder.resolve())

    @property
    def own(self) -> Path:
        """Where the studio keeps what it needs itself, such as the output of its jobs."""
        return self.root / OWN

    def path(self, name: str, endings: tuple[str, ...]) -> Path:
        """The path of what a page calls `name`. Errors: it leads out, or ends otherwise."""
        bad = not name or "\\" in name or "\0" in name or not name.endswith(endings)
        parts = name.split("/")
        bad = bad or any(part in ("", ".", "..") or part.startswith(".") for part in parts)
        path = self.root.joinpath(*parts) if not bad else self.root
        if bad or not path.resolve().is_relative_to(self.root):
            raise UserError(
                f"'{name}' is no file of this studio",
                wanted=f"a file below its folder that ends with {' or '.join(endings)}",
            )
        return path

    def name(self, path: Path) -> str:
        """What pages call the file at `path`, which lies below the folder."""
        return path.relative_to(self.root).as_posix()

    def texts(self) -> Iterator[str]:
        """The names of all model and solver texts, in order."""
        return iter(sorted(self.name(path) for path in files_below(self.root, TEXTS)))

    def read(self, name: str) -> Text:
        """A text. Errors: it is not there, is no text, is too long."""
        path = self.path(name, TEXTS)
        try:
            if not path.is_file():
                raise UserError(f"there is no text '{name}'", do="Reload the page: files changed.")
            if path.stat().st_size > MOST_TEXT_BYTES:
                raise UserError(f"'{name}' is too long to be edited here")
            raw = path.read_bytes()
            decode(raw, str(path))
            content = raw.decode("utf-8-sig").replace(_WINDOWS_LINE, "\n")
            return Text(name, content, version(raw))
        except UnicodeDecodeError as error:
            raise UserError(f"'{name}' is no UTF-8 text", do="Save it as UTF-8.") from error
        except OSError as error:
            raise UserError(f"'{name}' cannot be read: {error.strerror or error}") from error

    def write(self, name: str, content: str, expected: str) -> Text:
        """Save a text over the version that the page read, "" for a text that is new.

        What editors of Windows write, a mark in front and another end of the lines, stays as it is.
        Errors: it was changed meanwhile (ChangedError), it cannot be written.
        """
        path = self.path(name, TEXTS)
        try:
            old = path.read_bytes() if path.exists() else b""
            now = version(old) if path.exists() else ""
        except OSError as error:
            raise MyCaffeError(f"'{name}' cannot be read: {error.strerror or error}") from error
        if now != expected:
            raise ChangedError(
                f"'{name}' was changed by another program" if now else f"'{name}' was removed",
                wanted="the text that this page read is the one it saves over",
                do="Load it anew, or save yours under another name.",
            )
        raw = _in_the_manner_of(old, content)
        if len(raw) > MOST_TEXT_BYTES:
            raise UserError(f"'{name}' would be too long to be edited here")
        write_atomically(path, raw)
        return Text(name, content, version(raw))


def version(raw: bytes) -> str:
    """The hash that names one state of a text."""
    return hashlib.sha256(raw).hexdigest()


def _in_the_manner_of(old: bytes, content: str) -> bytes:
    """`content` as the program writes it that wrote `old`."""
    first_line = old.partition(b"\n")[0]
    lines = content.replace("\n", _WINDOWS_LINE) if first_line.endswith(b"\r") else content
    return (codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b"") + lines.encode("utf-8")
