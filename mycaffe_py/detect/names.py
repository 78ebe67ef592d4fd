"""Names of the classes that a detector tells by number."""

from __future__ import annotations

import re
from pathlib import Path

from mycaffe_py.data.caffe_stores.label_names import read_label_names
from mycaffe_py.errors import UserError
from mycaffe_py.files.plain_file import read_plain_text

# An entry of the SSD fork's files: item { name: "n02" label: 1 display_name: "cat" }.
_ITEM = re.compile(r"\bitem\s*\{([^}]*)\}")
_LABEL = re.compile(r"\blabel\s*:\s*(\d{1,9})")
_NAME = re.compile(r"""\b(display_name|name)\s*:\s*(?:"([^"]*)"|'([^']*)')""")


def read_names(path: Path, classes: int) -> dict[int, str]:
    """Names by number, of a file with a name in each line, or of the SSD fork's label map.

    `classes` are those of the net, the background among them; 0: unknown. Lines are one for each,
    or for each but the background, class 0. Errors: as read_label_names; another number of lines.
    """
    mapped = _label_map(path)
    if mapped:
        return mapped
    names = read_label_names(path)
    if set(names) != set(range(len(names))):
        return names
    if len(names) == classes - 1 or not classes:
        return {label + 1: name for label, name in names.items()}
    if len(names) != classes:
        raise UserError(
            f"{path} has {len(names)} names",
            wanted=f"the net has {classes} classes: a line for each, that of the background first, "
            f"or {classes - 1} lines without it",
        )
    return names


def _label_map(path: Path) -> dict[int, str]:
    try:
        items = _ITEM.findall(read_plain_text(path))
    except (OSError, ValueError):
        return {}  # read_label_names tells what is wrong
    names = {}
    for item in items:
        label = _LABEL.search(item)
        told = {key: double or single for key, double, single in _NAME.findall(item)}
        if label and told:
            names[int(label[1])] = told.get("display_name") or told.get("name", "")
    return names
