"""Make a data set: the forms of the data page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.studio.sets.forms import form_of
from mycaffe_py.studio.sets.places import Places
from mycaffe_py.studio.workspace import Workspace


def dataset(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """`mycaffe dataset create KIND` or `import KIND` with the `values` of its form."""
    values = asked.get("values", {})
    if not isinstance(values, dict):
        raise UserError("the page sent values of another shape", do="Reload it.")
    form = form_of(str(asked.get("job", "")), str(asked.get("kind", "")))
    return form.arguments(Places.of(workspace), values)


COMMANDS = {"dataset": dataset}
