"""The beginnings: a new project, pictures of one's own, files of other versions of Caffe."""

from __future__ import annotations

from typing import Any

from mycaffe_py.proto.templates import templates
from mycaffe_py.studio.answers import Asked, asks, does, word
from mycaffe_py.studio.old_files import old_files
from mycaffe_py.studio.project import FITTED, Wanted, new_project, told_data
from mycaffe_py.studio.state import Studio


def choices(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What a new project can be made from."""
    return {
        "fitted": list(FITTED),
        "models": [
            {"name": one.name, "about": one.about, "solver": one.solver.name if one.solver else ""}
            for one in templates()
        ],
        "data": told_data(),
    }


def make(studio: Studio, asked: Asked) -> dict[str, str]:
    """Write the texts of a new project; returns what pages call them."""
    wanted = Wanted(
        word(asked, "name"),
        word(asked, "model"),
        word(asked, "solver", ""),
        word(asked, "data", ""),
    )
    model, solver = new_project(studio.workspace, wanted)
    return {"model": model, "solver": solver}


def old(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The texts and weights of the folder, with what their upgrade would change."""
    return {"files": old_files(studio.workspace)}


ROUTES = [
    asks("/api/project/choices", choices),
    does("/api/project", make),
    asks("/api/old", old),
]
