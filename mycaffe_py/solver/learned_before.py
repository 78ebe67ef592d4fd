"""Weights of another run: what their label numbers mean, and whether they mean the same here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.data.label_match import LearnedNames
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.layers.metric.decode import DecodeFacts
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.labels import learned_names, of_layers


def names_beside(weights: Path) -> LearnedNames:
    """The names of the classes that the run of `weights` learned; {} if no run card tells them."""
    try:
        card = SnapshotFiles.beside(weights).card
    except UserError:
        # Weights of other programs may have any name, and have no run card.
        return {}
    if not card.is_file():
        return {}
    found = [known for known in RunCard.read(card).datasets if known.phase == "TRAIN"]
    return of_layers({known.layer: known.label_names for known in found if known.label_names})


def forget_other_classes(net: Net, files: Sequence[Path]) -> list[str]:
    """Clear the centroids of `net` if the weights in `files` learned other classes.

    Returns lines that say so.
    """
    return [line for file in files for line in _forget(net, file)]


def _forget(net: Net, weights: Path) -> list[str]:
    theirs, ours = names_beside(weights).get(""), learned_names(net.graph).get("")
    if not theirs or not ours or all(theirs.get(n, name) == name for n, name in ours.items()):
        return []
    learning = [
        node
        for node in net.graph.nodes
        if isinstance(node.plan.facts, DecodeFacts) and node.plan.facts.learns
    ]
    for node in learning:
        for key in node.params:
            net.values[key][...] = 0
    label, name = next((n, name) for n, name in ours.items() if theirs.get(n, name) != name)
    told = (
        f"{weights} learned other classes: {label} is '{theirs[label]}' there and '{name}' here. "
        "Centroids begin anew."
    )
    return [told] if learning else []
