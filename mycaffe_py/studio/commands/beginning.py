"""The command of a beginning: old files are upgraded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.studio.old_files import OLD, kind_of, target_of
from mycaffe_py.studio.workspace import Workspace


def upgrade(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """A file of another version of Caffe in today's form, beside it under another name."""
    name = asked.get("file")
    if not isinstance(name, str):
        raise UserError("no file is named")
    kind, _ = kind_of(workspace, name)
    target = target_of(name, kind)
    if workspace.path(target, OLD).exists():
        raise UserError(f"'{target}' is there already", do="Rename it or remove it first.")
    return ["upgrade", kind, f"./{name}", f"./{target}"]


COMMANDS = {"upgrade": upgrade}
