"""Classes as a user lists them on a command line: by name, or by number."""

from __future__ import annotations

import csv
from collections.abc import Mapping

from mycaffe_py.data.label_match import listed, name_key
from mycaffe_py.errors import UserError


def chosen_labels(option: str, text: str, names: Mapping[int, str], owner: str) -> list[int]:
    """The labels of "star,fish" or "5,6,7", each once, as listed; `names` are those of `owner`.

    A part that is a name is that class, even where it is the number of another one; any other
    number stands for itself. A name with a comma stands in double quotes.
    Errors: a part that is neither a name nor a number.
    """
    labels = {name_key(name): label for label, name in names.items()}
    found: dict[int, None] = {}
    for part in _parts(text):
        label = labels.get(name_key(part), int(part) if part.isdecimal() else None)
        if label is None:
            has_no = f", and '{owner}' has no label {part}" if part else ""
            raise UserError(
                f"{option} is '{text}'{has_no}",
                wanted=f"names or numbers with commas between; its labels are {told(names)}",
            )
        found[label] = None
    return list(found)


def told(names: Mapping[int, str]) -> str:
    """ "0 (circle), 1 (cross)"; the numbers alone where they are the names."""
    ordered = sorted(names.items())
    return listed([str(n) if name == str(n) else f"{n} ({name})" for n, name in ordered])


def _parts(text: str) -> list[str]:
    rows = list(csv.reader([text], skipinitialspace=True))
    parts = [part.strip() for part in rows[0]] if rows else []
    return parts or [""]
