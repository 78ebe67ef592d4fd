"""The layer types by family, as `explain layer` lists them."""

from __future__ import annotations

from textwrap import fill

from mycaffe_py.layers import layer_types


def families() -> dict[str, list[str]]:
    """The layer types of each family, which is the folder they lie in; both in order."""
    found: dict[str, list[str]] = {}
    for name in layer_types:
        family = type(layer_types.get(name)).__module__.split(".")[-2]
        found.setdefault(family, []).append(name)
    return dict(sorted(found.items()))


def families_text() -> str:
    """The families in lines, as people read them."""
    return "\n".join(
        fill(f"{family}: {', '.join(names)}", width=100, subsequent_indent="  ")
        for family, names in families().items()
    )
