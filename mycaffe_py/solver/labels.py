"""Floor 6. Which classes a TRAIN net learns, and what a TEST net can measure of others."""

from __future__ import annotations

from collections.abc import Mapping

from mycaffe_py.data.label_match import LearnedNames, Matched, Names, class_names, listed
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.fed import feed_of

# These losses ask whether images are of one class, so they can be measured on classes of any kind.
_COMPARE = ("ContrastiveLoss", "TripletLoss")
# These need a score for the very class of an image.
_CLASSIFY = (
    "Accuracy",
    "HingeLoss",
    "InfogainLoss",
    "MultinomialLogisticLoss",
    "SoftmaxWithLoss",
)


def learned_names(train: Graph) -> LearnedNames:
    """Names of the classes, by data layer; under "" those of all layers, where they agree."""
    found = {}
    for node in train.nodes:
        feed = feed_of(node.plan.facts)
        if feed is not None and feed.tells_classes:
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

    Errors: a net of other losses, where no class of its data is one of TRAIN's.
    """
    kinds = {node.layer.type for node in test.nodes}
    found: frozenset[int] = frozenset()
    for node, matched in matches(test):
        if matched.whole:
            if not kinds.intersection(_COMPARE) or kinds.intersection(_CLASSIFY):
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
