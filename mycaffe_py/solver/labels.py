"""Which classes a TRAIN net learns, and whether a TEST net can measure others."""

from __future__ import annotations

from collections.abc import Mapping

from mycaffe_py.data.label_match import LearnedNames, Matched, Names, class_names, listed
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.data.fed_layer import feed_of


def learned_names(train: Graph) -> LearnedNames:
    """Names of the classes, by data layer; under "" those of all layers, where they agree."""
    found = {}
    for node in train.nodes:
        feed = feed_of(node.plan.facts)
        if feed is not None and feed.source is not None and feed.classes:
            found[node.name] = class_names(feed.source)
    return of_layers(found)


def of_layers(found: Mapping[str, Names]) -> LearnedNames:
    """Names by data layer, and under "" those of all layers where they agree."""
    every = list(found.values())
    agree = bool(every) and all(names == every[0] for names in every)
    return {**found, "": every[0]} if agree else found


def matches(graph: Graph) -> list[tuple[Node, Matched]]:
    """The data layers of a TEST net whose labels were matched with those of its TRAIN net."""
    found = []
    for node in graph.nodes:
        feed = feed_of(node.plan.facts)
        if feed is not None and feed.matched is not None:
            found.append((node, feed.matched))
    return found


def unlearned(test: Graph) -> frozenset[int]:
    """Labels of classes that TRAIN has not and a TEST net measures: its losses compare images.

    Whether two images are of one class can be asked of classes of any kind; a layer that wants a
    score for the very class of an image can only be asked of those that were learned.

    Errors: the net has other losses, and no class of its data is one of TRAIN's.
    """
    judges = {node.layer.judges for node in test.nodes}
    found: frozenset[int] = frozenset()
    for node, matched in matches(test):
        if matched.whole:
            # A net may compare the two labels of a pair by layers that know nothing of labels.
            pairs = "pairs" in judges or node.context.param.data_param.images_per_blob > 1
            if not pairs or "class" in judges:
                raise _none_known(node, matched)
            found |= matched.unlearned
    return found


def _none_known(node: Node, matched: Matched) -> UserError:
    theirs, ours = listed(list(matched.aside)), listed(list(matched.learned.values()))
    few = "only one" if matched.known else "no"
    return UserError(
        f"layer '{node.name}' (Data): {few} class of {matched.source.name} is one that the TRAIN "
        f"net learns ({ours}); the others are {theirs}",
        where=node.context.where.at("data_param", "source"),
        wanted="a TEST net measures classes that were learned; they are matched by name",
        do="Name a source of the same classes.",
    )
