"""Words of errors about files and folders that a text names and that do not exist."""

from __future__ import annotations

import os
from pathlib import Path

from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.proto.file_kind import kind_at


def looked_for(path: Path, where: Where | None = None) -> str:
    """Sentences for the error: where `path` was looked for, and where it may be instead.

    `where` is the text that names it. Caffe's paths begin in the folder a command is started in,
    often Caffe's own, so the folders above the text and the current one are tried for the hint.
    """
    if path.is_absolute():
        return _near(path)
    here = Path.cwd()
    said = f"It is looked for from the folder you are in, {here}."
    text = Path(where.file).resolve() if where is not None and where.file else here
    for folder in (*text.parents, *here.parents):
        if folder != here and (folder / path).exists():
            place = _shown(folder, here)
            return f"{said} It is in {place}: go there first (cd), or write its whole path."
    return f"{said} {_near(path)}".rstrip()


def no_folder(folder: Path) -> str:
    """Words for a `folder` that is not one: nothing is there, or a file of some kind."""
    if not folder.exists():
        return f"there is no folder {folder}"
    kind = kind_at(folder)
    return f"{folder} is no folder but {kind or 'a file'}"


def unreadable(
    what: str, path: Path, error: Exception, where: Where | None, also: str = ""
) -> UserError:
    """The error of a file, called `what`, that could not be read; `also` is a further hint."""
    missing = isinstance(error, FileNotFoundError) or not path.exists()
    reason = "No such file" if missing else str(error)
    hint = looked_for(path, where) if missing else ""
    return UserError(f"{what} cannot be read: {reason}", where=where, do=f"{also} {hint}".strip())


def _near(path: Path) -> str:
    """The nearest name in the same folder; nothing where none is near."""
    folder = path.parent
    if not folder.is_dir():
        return f"There is no folder {folder} either."
    others = (one.name for one in folder.iterdir() if one.name != path.name)
    found = nearest(path.name, others)
    return found if found.startswith("Did you mean") else ""


def _shown(folder: Path, here: Path) -> str:
    """The shorter way to write `folder`."""
    return min(os.path.relpath(folder, here), str(folder), key=len)
