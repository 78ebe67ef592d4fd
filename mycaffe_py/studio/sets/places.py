"""Folders of this machine that a page may name: those below the user's home and the studio's own.

Hidden folders and what a link leads out to are as if they were not there. Nothing is opened here
but lists of names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.studio.workspace import Workspace

# More names than these nobody reads through.
_MOST_NAMES = 2000


@dataclass(frozen=True)
class Places:
    """`roots` are real paths, by the words that the picker shows."""

    roots: dict[str, Path]

    @staticmethod
    def of(workspace: Workspace) -> Places:
        """The studio's folder and the home of the user."""
        roots = {"This folder": workspace.root}
        try:
            home = Path.home().resolve()
        except RuntimeError:
            return Places(roots)
        return Places({**roots, "Home": home} if home.parent != home else roots)

    def path(self, text: str, folder: bool) -> Path:
        """The file or `folder` that a page calls `text`. Errors: it is none of these places."""
        if not text.strip() or "\0" in text:
            raise UserError("no file or folder is named", do="Choose one.")
        first = next(iter(self.roots.values()))
        try:
            named = Path(text).expanduser() if text.startswith("~") else first / text
            path = named.resolve()
        except (RuntimeError, OSError) as error:
            raise UserError(f"'{text}' is no place on this machine") from error
        if not self._holds(path):
            raise UserError(
                f"'{text}' is no place that the studio may read",
                wanted=f"one below {' or '.join(str(root) for root in self.roots.values())}, "
                "not hidden",
                do="Or start 'mycaffe studio' in a folder above it.",
            )
        if not (path.is_dir() if folder else path.is_file()):
            raise UserError(f"there is no {'folder' if folder else 'file'} '{path}'")
        return path

    def names(self, text: str) -> dict[str, Any]:
        """The folders and files of a place, and the place above it; without `text` the roots."""
        if not text:
            roots = [{"name": word, "path": str(path)} for word, path in self.roots.items()]
            return {"path": "", "above": None, "folders": roots, "files": [], "more": False}
        path = self.path(text, folder=True)
        try:
            entries = sorted(
                (e for e in os.scandir(path) if _is_shown(e)), key=lambda e: e.name.lower()
            )
        except OSError as error:
            raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from error
        shown = entries[:_MOST_NAMES]
        return {
            "path": str(path),
            "above": str(path.parent) if self._holds(path.parent) else "",
            "folders": [{"name": e.name, "path": e.path} for e in shown if e.is_dir()],
            "files": [{"name": e.name, "path": e.path} for e in shown if not e.is_dir()],
            "more": len(entries) > len(shown),
        }

    def _holds(self, path: Path) -> bool:
        below = [path.relative_to(r).parts for r in self.roots.values() if path.is_relative_to(r)]
        return any(not any(part.startswith(".") for part in parts) for parts in below)


def _is_shown(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.is_symlink() or not entry.name.isprintable():
        return False
    return entry.is_dir() or entry.is_file()
