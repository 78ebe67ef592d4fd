"""What pages may start: each a command line of the public command, made from checked values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.studio.workspace import Workspace

Asked = Mapping[str, Any]
Maker = Callable[[Workspace, Asked], list[str]]


def command_of(workspace: Workspace, name: str, asked: Asked) -> list[str]:
    """The arguments of the command called `name`. Errors: there is none, a value does not fit."""
    known: dict[str, Maker] = {}
    for found in iter_modules(__path__):
        known |= import_module(f"{__name__}.{found.name}").COMMANDS
    if name not in known:
        raise UserError(f"the studio starts no '{name}'", do=nearest(name, known))
    return known[name](workspace, asked)
