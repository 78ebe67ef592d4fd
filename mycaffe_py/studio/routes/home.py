"""Home: what is in the folder."""

from __future__ import annotations

from typing import Any

from mycaffe_py import __version__
from mycaffe_py.proto.templates import templates
from mycaffe_py.studio.answers import Asked, asks
from mycaffe_py.studio.nets import told_texts
from mycaffe_py.studio.project import told_data
from mycaffe_py.studio.runs import all_runs, told
from mycaffe_py.studio.state import Studio


def workspace(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The folder with its texts and runs, the one that told something last first."""
    return {
        "folder": str(studio.workspace.root),
        "name": studio.workspace.root.name,
        "version": __version__,
        "texts": list(studio.workspace.texts()),
        "runs": [told(run) for run in all_runs(studio.workspace)],
    }


def home(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What the home page shows as cards, newest first."""
    return {
        "folder": str(studio.workspace.root),
        "name": studio.workspace.root.name or "/",
        **told_texts(studio.workspace),
        "runs": [told(run) for run in all_runs(studio.workspace)],
        "data": [one for one in told_data() if one["place"] == "made"],
    }


def name(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What the bar shows."""
    return {"name": studio.workspace.root.name or "/"}


def template_list(studio: Studio, asked: Asked) -> list[dict[str, Any]]:
    """The packaged models and their solvers, to begin with."""
    return [
        {"name": t.name, "about": t.about, "solver": t.solver.name if t.solver else ""}
        for t in templates()
    ]


ROUTES = [
    asks("/api/workspace", workspace),
    asks("/api/home", home),
    asks("/api/workspace/name", name),
    asks("/api/templates", template_list),
]
