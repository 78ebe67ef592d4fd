"""A file of label names, such as synset_words.txt or labels.txt, for records that have numbers."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.looked_for import looked_for
from mycaffe_py.errors import UserError, Where, reason_of
from mycaffe_py.files.plain_file import read_plain

_NUMBERED = re.compile(r"(\d{1,9})\s*[\s,;:=]\s*(\S.*)")


def read_label_names(path: Path) -> dict[int, str]:
    """Names by label: line i, counted from 0, names label i.

    Where each line begins with another number, as in "7 bus" or "7,bus", that is the label. Empty
    lines at the end count for nothing. Errors: a file that cannot be read, an empty line between
    names, a name that stands twice.
    """
    lines = [line.strip() for line in _text(path).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise UserError(f"{path} is empty", wanted="a name in each line, that of label 0 first")
    matches = [_NUMBERED.fullmatch(line) for line in lines]
    numbers = [int(match[1]) for match in matches if match is not None]
    if len(set(numbers)) == len(lines):
        named = {int(m[1]): (m[2].strip(), i) for i, m in enumerate(matches, 1) if m is not None}
    else:
        named = {label: (line, label + 1) for label, line in enumerate(lines)}
    seen: dict[str, int] = {}
    for name, line in named.values():
        where = Where(str(path), line)
        if not name:
            raise UserError("this line is empty", where=where, wanted=f"the name of {line - 1}")
        if name in seen:
            raise UserError(
                f"'{name}' is the name of line {seen[name]} as well",
                where=where,
                wanted="classes are told apart by their names",
            )
        seen[name] = line
    return {label: name for label, (name, _) in named.items()}


def named(source: ArraySource, names: dict[int, str], path: Path) -> ArraySource:
    """`source` with the `names` of the file `path`. Errors: a label in use that has no name."""
    lacking = sorted(set(source.present.tolist()) - set(names))
    if lacking:
        more = f", nor for {len(lacking) - 1} more labels" if len(lacking) > 1 else ""
        raise UserError(
            f"{path} has no name for label {lacking[0]}{more}",
            wanted=f"it has {len(names)} names, for labels {min(names)} to {max(names)}",
        )
    return dataclasses.replace(source, label_names=names)


def _text(path: Path) -> str:
    try:
        return read_plain(path).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        hint = looked_for(path) if not path.exists() else ""
        raise UserError(
            f"the names in {path} cannot be read: {reason_of(error)}",
            wanted="a text file in UTF-8 with a name in each line",
            do=hint,
        ) from error
