"""Train, go on, test many: the foot of the run page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.names import STATE, WEIGHTS
from mycaffe_py.studio.commands.values import number_option, switch, word_option
from mycaffe_py.studio.runs import run_named, snapshot_of
from mycaffe_py.studio.workspace import SOLVER, Workspace


def train(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """A new run of a solver text of the folder; `sets` changes single fields of it."""
    solver = _text(asked, "solver")
    workspace.path(solver, (SOLVER,))
    sets = asked.get("sets", [])
    whole = isinstance(sets, list) and all(isinstance(one, str) for one in sets)
    if not whole or any("\0" in one for one in sets):
        raise UserError("the changes do not fit", wanted="a list of solver.FIELD=VALUE")
    return [
        "train",
        f"--solver=./{solver}",
        *_weights(workspace, asked),
        *number_option(asked, "seed", "--seed"),
        *number_option(asked, "iterations", "--iterations"),
        *number_option(asked, "threads", "--threads"),
        *switch(asked, "film", "--film"),
        *(f"--set={one}" for one in sets),
    ]


def resume(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """Go on from the newest state of a run, as if it had never stopped; `iterations`: longer."""
    run = run_named(workspace, _text(asked, "run"))
    for files in run.snapshots():
        if files.state.is_file():
            state = workspace.name(files.state)
            return ["resume", f"./{state}", *number_option(asked, "iterations", "--iterations")]
    raise UserError(f"the run '{run.name}' has no {STATE} to go on from", do="Train it anew.")


def test_many(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """Judge a snapshot of a run by data it never learned, and keep the answer to each item."""
    return [
        "test-many",
        f"--snapshot=./{workspace.name(snapshot_of(workspace, asked).weights)}",
        *word_option(asked, "source", "--source"),
        "--record",
    ]


def _weights(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """The weights that a new run begins at, where the page names a file of them."""
    name = asked.get("weights")
    if name in (None, ""):
        return []
    workspace.path(str(name), (WEIGHTS, f"{WEIGHTS}.h5"))
    return [f"--weights=./{name}"]


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise UserError(f"no {name} is named")
    return value


COMMANDS = {"train": train, "resume": resume, "test-many": test_many}
