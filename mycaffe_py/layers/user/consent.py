"""Where code that a text names may come from, and the error where nobody has consented."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

from mycaffe_py.data.opening import NeedsConsentError, Opening
from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import LayerContext

_PACKAGE = "mycaffe_py"
_OURS = Path(__file__).parents[2]


def places_of(ctx: LayerContext) -> tuple[Path, Path]:
    """Where the code of a layer is looked for first: beside the text, then the current folder."""
    return Path(ctx.where.file).parent.resolve(), Path.cwd()


def consented(ctx: LayerContext, field: str, module: str, name: str) -> tuple[Path, ...]:
    """The folders that `module` may be imported from.

    Errors (NeedsConsentError): `name` of `module`, which `field` of the text asks for, may not run.
    """
    places = places_of(ctx)
    folders = ctx.opening.folders(places)
    file = _file(module, places)
    # Python may look in the current folder too, where a command is run as a module.
    if folders and (not file or _file(module, folders) == file):
        return folders
    found = f"layer '{ctx.param.name}' ({ctx.param.type}) runs '{name}' of module '{module}'"
    if file:
        found += f" ({file})"
    where = ctx.where.at(field)
    try:
        refuse_foreign(module, places)
    except UserError as error:
        found += f", and {error.found}"
        raise NeedsConsentError(found, where=where, wanted=error.wanted) from None
    raise NeedsConsentError(
        found,
        where=where,
        wanted="code that a text names runs with your consent only",
        do="If you trust it, add --run-code, or say so once: "
        f"mycaffe trust '{_to_trust(ctx.opening, file, places)}'.",
    )


def refuse_foreign(module: str, folders: tuple[Path, ...]) -> None:
    """Refuse a module that is not code of a text before it is imported: Python's own and ours."""
    top = module.partition(".")[0]
    if top == _PACKAGE:
        raise _foreign(module, "mycaffe-py")
    if top in sys.stdlib_module_names and not _stands_in(top, folders):
        raise _foreign(module, "Python")


def refuse_foreign_file(module: str, folders: tuple[Path, ...]) -> None:
    """The same once it is imported: a name may have led to another file than it seemed to."""
    file = getattr(sys.modules[module], "__file__", None)
    path = None if file is None else Path(file).resolve()
    if path is not None and path.is_relative_to(_OURS):
        raise _foreign(module, "mycaffe-py")
    standard = module.partition(".")[0] in sys.stdlib_module_names
    if standard and not (path and any(path.is_relative_to(folder) for folder in folders)):
        raise _foreign(module, "Python")


def _foreign(module: str, owner: str) -> UserError:
    return UserError(
        f"module '{module}' is a part of {owner}",
        wanted="a text runs modules that lie beside it, in the current folder, or are installed",
        do="Write a module of your own that calls it.",
    )


def _to_trust(opening: Opening, file: str, places: tuple[Path, Path]) -> Path:
    """The folder of the opened file or, where that is trusted already, the folder of the module."""
    of_module = next((p for p in places if file and Path(file).is_relative_to(p)), places[0])
    if opening.runs_code or opening.opened is None:
        return of_module if opening.runs_code else places[0]
    opened = opening.opened.resolve().parent
    # Trust in a folder covers those below it, so one command may do for both.
    return of_module if opened.is_relative_to(of_module) else opened


def _stands_in(top: str, folders: tuple[Path, ...]) -> bool:
    return PathFinder.find_spec(top, [str(folder) for folder in folders]) is not None


def _file(module: str, folders: tuple[Path, ...]) -> str:
    """The file of a module as it would be found in `folders`; nothing is imported."""
    parts = module.split(".")
    for folder in folders:
        whole = folder.joinpath(*parts)
        for path in (whole.with_name(f"{parts[-1]}.py"), whole / "__init__.py"):
            if path.is_file():
                return str(path)
    return ""
