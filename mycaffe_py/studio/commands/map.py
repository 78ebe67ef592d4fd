"""A data set of what was chosen on the map."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.studio.clearing import RECORDS
from mycaffe_py.studio.commands.values import word_option
from mycaffe_py.studio.workspace import Workspace


def subset(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """The `records` (numbers) of the split `source` as a data set called `name`.

    The numbers go into a file of the studio's own folder: they may be too many for a command line.
    """
    source, records = asked.get("source"), asked.get("records")
    if not isinstance(source, str) or "." not in source or source.startswith("-"):
        raise UserError(f"'{source}' is no split of a data set", wanted="DATASET.SPLIT")
    if not isinstance(records, list) or not records or not all(map(_is_record, records)):
        raise UserError("no items are chosen", do="Draw a lasso around some.")
    named = word_option(asked, "name", "--name")
    if not named:
        raise UserError("the new data set has no name", do="Give it one, such as HARD.")
    content = "\n".join(map(str, sorted(set(records)))).encode()
    path = workspace.own / RECORDS / f"{hashlib.sha256(content).hexdigest()[:12]}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    listed = f"--records=./{workspace.name(path)}"
    return ["dataset", "create", "subset", source, listed, *named]


def _is_record(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


COMMANDS = {"subset-of-records": subset}
