"""Files of other versions of Caffe in the folder: what each is, and what today's form changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from mycaffe_py.proto.model_text import read_net, read_solver
from mycaffe_py.snapshot.names import WEIGHTS, SnapshotFiles, files_below
from mycaffe_py.studio.workspace import MODEL, SOLVER, TEXTS, Workspace

NET, SOLVER_KIND, WEIGHTS_KIND = "net", "solver", "weights"
OLD = (*TEXTS, WEIGHTS)
_ENDINGS = {NET: MODEL, SOLVER_KIND: SOLVER, WEIGHTS_KIND: WEIGHTS}
_TAIL = "_upgraded"
# More in one folder are told by a terminal.
_MOST = 300


def old_files(workspace: Workspace) -> list[dict[str, Any]]:
    """Every text and weight file with its kind, what an upgrade changes, and where it would go.

    Weights with a run card beside them are of today.
    """
    found = (path for path in files_below(workspace.root, OLD) if not _is_of_today(path))
    names = sorted(map(workspace.name, found))
    return [_told(workspace, name) for name in names[:_MOST]]


def target_of(name: str, kind: str) -> str:
    """Where the file `name` of this kind is written in today's form: beside it."""
    return f"{_stem(name)}{_TAIL}{_ENDINGS[kind]}"


def kind_of(workspace: Workspace, name: str) -> tuple[str, tuple[str, ...]]:
    """What a file is, and what its upgrade changes. Errors: it is neither net nor solver."""
    if workspace.path(name, OLD).name.endswith(WEIGHTS):
        return WEIGHTS_KIND, ()
    text = workspace.read(name).content
    errors: list[UserError] = []
    try:
        return NET, read_net(text, name, layer_types).notes
    except UserError as error:
        errors.append(error)
    try:
        return SOLVER_KIND, read_solver(text, name).notes
    except UserError as error:
        errors.append(error)
    # The reader that got further knew what it was reading.
    raise max(errors, key=lambda error: error.where.line if error.where else 0)


def _told(workspace: Workspace, name: str) -> dict[str, Any]:
    try:
        kind, notes = kind_of(workspace, name)
    except UserError as error:
        return {"name": name, "kind": "", "notes": [], "target": "", "error": error.as_json()}
    target = target_of(name, kind)
    done = workspace.root.joinpath(*target.split("/")).exists() or _stem(name).endswith(_TAIL)
    return {"name": name, "kind": kind, "notes": list(notes), "target": target, "done": done}


def _is_of_today(path: Path) -> bool:
    return path.name.endswith(WEIGHTS) and SnapshotFiles.beside(path).card.is_file()


def _stem(name: str) -> str:
    for ending in OLD:
        name = name.removesuffix(ending)
    return name
