"""The nets of the folder, each with the solvers that train it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.proto.model_text import read_solver
from mycaffe_py.studio.workspace import MODEL, SOLVER, Workspace


def told_texts(workspace: Workspace) -> dict[str, Any]:
    """`nets` with the `solvers` that name them, and the other `solvers`; changed last first."""
    names = sorted(workspace.texts(), key=lambda name: -_changed(workspace, name))
    nets: dict[str, list[str]] = {name: [] for name in names if name.endswith(MODEL)}
    alone: list[str] = []
    for solver in (name for name in names if name.endswith(SOLVER)):
        nets.get(_net_of(workspace, solver, nets), alone).append(solver)
    return {
        "nets": [{"name": name, "solvers": solvers} for name, solvers in nets.items()],
        "solvers": alone,
    }


def _changed(workspace: Workspace, name: str) -> float:
    with suppress(OSError):
        return workspace.root.joinpath(*name.split("/")).stat().st_mtime
    return 0.0


def _net_of(workspace: Workspace, solver: str, nets: dict[str, list[str]]) -> str:
    """The net of the folder that a solver text names: from the folder, or from beside it."""
    net = ""
    with suppress(MyCaffeError):
        net = read_solver(workspace.read(solver).content, solver).message.net.removeprefix("./")
    beside = f"{solver.rpartition('/')[0]}/{net}".lstrip("/")
    return net if net in nets else beside
