"""How a net comes to its answer, in words, and the scores that a classifier gives by itself."""

from __future__ import annotations

from contextlib import suppress

from mycaffe_py.data.array_source import Images
from mycaffe_py.engine.answering_net import answer_node
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.trained.class_means import means_of, moving_layers
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.snapshot import Snapshot


def way_of(snapshot: Snapshot, known: KnownClasses) -> str:
    """By what the net of the snapshot names an input."""
    graph = known.map.net.net.graph
    node = answer_node(graph)
    means = ""
    if not known.map.net.by_distance or moving_layers(snapshot, graph):
        with suppress(MyCaffeError):
            means = f": {means_of(snapshot, graph).line()}"
    if known.map.net.by_distance:
        return f"Layer '{node.name}' names the class whose centroid is nearest{means}."
    compared = f"a class lies at the mean of blob '{node.bottoms[0]}'{means}."
    if _scores(known):
        return (
            f"The net is a classifier: layer '{node.name}' gives each class a score. To name new "
            f"classes too, distances are compared here, and {compared}"
        )
    return f"The net has no Decode layer, so {compared}"


def scores_of(known: KnownClasses, images: Images) -> dict[str, float] | None:
    """The score that a classifier gives each trained class for the one image; None: no classifier.

    It tells trained classes only, whatever is enrolled.
    """
    if not _scores(known):
        return None
    scores = -known.map.net.distances(images)[0]
    return {
        name: float(scores[label])
        for name, label in zip(known.trained, known.map.labels.tolist(), strict=True)
        if label < len(scores)
    }


def _scores(known: KnownClasses) -> bool:
    return answer_node(known.map.net.net.graph).layer.answers == "scores"
