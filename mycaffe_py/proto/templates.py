"""Where a model or solver text is: a path, beside the text that names it, or a template.

The templates are the files of `models/` and `solvers/` at the top of the source, which travel in
the wheel as `mycaffe_py/models` and `mycaffe_py/solvers`. Heads, small nets that begin at a
feature, are in `models/heads/`.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.printable import shown

Kind = Literal["model", "solver", "head"]

# Common file systems take no longer one, and the system answers with an error of its own.
_LONGEST_NAME_BYTES = 255

_PACKAGE = Path(__file__).resolve().parent.parent
_ENDINGS: dict[Kind, str] = {"model": ".prototxt", "solver": ".solver", "head": ".prototxt"}
_FOLDERS: dict[Kind, str] = {"model": "models", "solver": "solvers", "head": "models/heads"}


@dataclass(frozen=True)
class Template:
    """One name with its texts; `about` is the first comment of the model."""

    name: str
    model: Path
    solver: Path | None
    about: str


def text_folder(name: str) -> Path:
    """Folder `name` ("models", "solvers", "protos") of the installed package or the source."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def template_path(kind: Kind, name: str) -> Path:
    """Where the template `name` (without ending) of this kind lies or would lie."""
    return text_folder(_FOLDERS[kind]) / f"{name}{_ENDINGS[kind]}"


def is_template(path: Path) -> bool:
    """Whether a text is one that comes with mycaffe."""
    resolved = path.resolve()
    return any(text_folder(name).resolve() in resolved.parents for name in ("models", "solvers"))


def templates() -> list[Template]:
    """All templates of whole nets, by name."""
    return [_template(path) for path in sorted(text_folder("models").glob("*.prototxt"))]


def heads() -> list[Template]:
    """All heads, by name, as "heads/cosine"; one solver text is for all of them."""
    folder = text_folder(_FOLDERS["head"])
    return [_template(path, "heads/", "heads") for path in sorted(folder.glob("*.prototxt"))]


def _template(model: Path, prefix: str = "", solver_name: str = "") -> Template:
    solver = template_path("solver", solver_name or model.stem)
    first = model.read_text(encoding="utf-8").partition("\n")[0]
    return Template(
        name=prefix + model.stem,
        model=model,
        solver=solver if solver.is_file() else None,
        about=first.lstrip("# ").strip(),
    )


def in_full(name: str) -> Path:
    """The path `name` with ~ and ~user in full where there is such a user, else as it is."""
    with contextlib.suppress(RuntimeError):
        return Path(name).expanduser()
    return Path(name)


def find_text(
    name: str, kind: Kind, beside: Path | None = None, where: Where | None = None
) -> Path:
    """The file called `name`: as given, beside the text `beside`, or the template of that name.

    `where` is the field that names it, for the error when there is none.
    """
    given = in_full(name)
    if any(len(os.fsencode(part)) > _LONGEST_NAME_BYTES for part in given.parts):
        raise UserError(
            f"there is no {kind} '{shown(name)}'",
            where=where,
            wanted=f"no file has a name of more than {_LONGEST_NAME_BYTES} bytes",
        )
    tries = [given]
    if beside is not None and not given.is_absolute():
        tries.append(beside.parent / given)
    tries.append(template_path(kind, given.name.removesuffix(_ENDINGS[kind])))
    for path in tries:
        if path.is_file():
            return path
    if given.is_dir():
        raise UserError(f"{kind} '{name}' is a folder", where=where, wanted="a text file is wanted")
    raise UserError(
        f"there is no {kind} '{name}'",
        where=where,
        wanted="it is neither a file nor a template that comes with mycaffe",
        do=nearest(given.name, _near(kind, given, beside)),
    )


def _near(kind: Kind, given: Path, beside: Path | None) -> list[str]:
    """Names a misspelt one may have meant: the templates and the files around."""
    ending = _ENDINGS[kind]
    names = {path.name for path in text_folder(_FOLDERS[kind]).glob(f"*{ending}")}
    for folder in {given.parent, beside.parent if beside else given.parent}:
        if folder.is_dir():
            names.update(path.name for path in folder.glob(f"*{ending}"))
    return sorted(names)
