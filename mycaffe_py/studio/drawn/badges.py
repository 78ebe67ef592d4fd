"""What the compiler did with a layer, as a badge on its box: read from the notes of its passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mycaffe_py.graph.told.describe import NetFacts

# "merge_twins: 2 groups run on stacked rows: conv1 + conv1_p, ip1 + ip1_p"
_GROUPS = re.compile(r"(merge_twins|fuse|fold): [1-9]\d* [^:]*: (.*)", re.DOTALL)


def badges(net: NetFacts) -> dict[str, list[dict[str, str]]]:
    """By layer: a `word` for the box, and `about`, the same as a sentence."""
    rows = {layer.name: _rows(layer.tops[0].shape if layer.tops else None) for layer in net.layers}
    found: dict[str, list[dict[str, str]]] = {}
    for kind, group in _groups(net):
        for name in group:
            others = " and ".join(other for other in group if other != name)
            if kind == "merge_twins":
                many = f", on {rows[name] * len(group)} rows" if rows.get(name) else ""
                badge = {"word": "runs once", "about": f"runs once with {others}{many}"}
            else:
                badge = {"word": "fused", "about": f"one kernel with {others}"}
            found.setdefault(name, []).append(badge)
    return found


def _groups(net: NetFacts) -> Iterator[tuple[str, list[str]]]:
    """The pass and the layers of each group; in a chain of merged layers all of both branches."""
    for note in net.notes:
        told = _GROUPS.fullmatch(note)
        if told:
            for group in told[2].split(", "):
                yield told[1], _names(net, group)


def _names(net: NetFacts, group: str) -> list[str]:
    """The layers of "conv1+conv1_p + pool1+pool1_p"; a name may have a plus sign itself."""
    known = {layer.name for layer in net.layers}
    names = []
    for part in group.split(" + "):
        names += [part] if part in known else part.split("+")
    return [name for name in names if name in known]


def _rows(shape: Any) -> int:
    return int(shape[0]) if shape else 0
