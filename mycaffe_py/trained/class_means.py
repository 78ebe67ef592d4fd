"""Where the classes of a trained net lie: the mean final features of training items.

Decode's own centroids are running means of features that have moved on since: with many classes
they reach back a thousand iterations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.layer_source import source_of_layer, store_of
from mycaffe_py.data.source import open_source
from mycaffe_py.engine.answering_net import AnsweringNet, answer_node
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.proto.mycaffe_pb2 import DecodeParameter, LayerParameter
from mycaffe_py.snapshot.names import MEANS
from mycaffe_py.trained.branch import check_branch
from mycaffe_py.trained.class_means_file import ClassMeans, LayerMeans, keep, kept_means, say
from mycaffe_py.trained.enrollment_files import fingerprint
from mycaffe_py.trained.label_way import LabelWay, label_way, moves
from mycaffe_py.trained.snapshot import Snapshot, store_layer
from mycaffe_py.trained.training_features import features_of, sampled_records


def class_means(snapshot: Snapshot, net: AnsweringNet) -> ClassMeans:
    """The means for `net`, a net of the snapshot: those stored beside it, else made and stored.

    Of at most 10,000 items of the training split, as many of each class as can be had; so the data
    set is needed once. Errors: it cannot be had.
    """
    return means_of(snapshot, net.net.graph)


def means_of(snapshot: Snapshot, graph: Graph) -> ClassMeans:
    """`class_means` for the RUN net `graph`."""
    learners = moving_layers(snapshot, graph) or [answer_node(graph)]
    path = snapshot.files.with_ending(MEANS)
    ours = fingerprint(snapshot)
    found = kept_means(path, ours, [node.name for node in learners])
    if found is None:
        found = _measured(snapshot, graph, learners)
        keep(found, path, ours, snapshot.files.weights)
    return found


def moving_layers(snapshot: Snapshot, graph: Graph) -> list[Node]:
    """The Decode layers whose centroids training moves; the one that answers comes first."""
    decodes = [node for node in graph.nodes if node.layer.answers == "distances"]
    moving = [node for node in decodes if moves(snapshot.train, node.name)]
    return sorted(moving, key=lambda node: node is not answer_node(graph))


@dataclass(frozen=True, eq=False)
class Collected:
    """Features of the items `records` (n,) of `source`, one array (n, D) for each layer asked.

    `ways` tells how labels come to those of the layers that are Decode.
    """

    source: ArraySource
    records: NDArray[np.int64]
    features: Sequence[NDArray[np.float32]]
    ways: Mapping[str, LabelWay]


def collected(snapshot: Snapshot, graph: Graph, learners: Sequence[Node]) -> Collected:
    """What `learners`, layers of the RUN net `graph`, look at of items of the training split.

    Errors: the data set cannot be had.
    """
    decodes = [node.name for node in learners if node.layer.answers == "distances"]
    ways = {name: label_way(snapshot.train, name) for name in decodes}
    for node in learners:
        if node.name in ways:
            check_branch(snapshot.train, graph, node)
    layers = {way.data.name: way.data for way in ways.values()}
    if len(layers) > 1:
        raise UserError(f"its centroids come from several data layers: {', '.join(layers)}")
    source = _training(snapshot, next(iter(layers.values()), None))
    records = sampled_records(snapshot, source)
    features = features_of(snapshot, source, records, [node.bottoms[0] for node in learners])
    return Collected(source, records, features, ways)


def _measured(snapshot: Snapshot, graph: Graph, learners: Sequence[Node]) -> ClassMeans:
    found = collected(snapshot, graph, learners)
    source, stored = found.source, found.source.labels[found.records]
    means = {
        node.name: _layer_means(graph, node, rows, stored, found.ways.get(node.name))
        for node, rows in zip(learners, found.features, strict=True)
    }
    return ClassMeans(means, source.name, len(found.records), source.checksum)


def _training(snapshot: Snapshot, data: LayerParameter | None) -> ArraySource:
    """The source that the layer `data` read in training; without one, what the net learned from.

    Errors: it cannot be had, or has changed, so that its label numbers may mean others now.
    """
    store = data if data is not None and store_of(data) else None
    cards = [card for card in snapshot.card.datasets if card.phase == "TRAIN"]
    if data is not None:
        named = data.data_param.source
        cards = [card for card in cards if named and named in (card.source, card.stand_in_for)]
    if data is None and not cards:
        store = store_layer(snapshot.train)
    if store is not None:
        return source_of_layer(store)
    if not cards:
        raise UserError(
            f"the net of '{snapshot.files.weights}' reads no training data",
            wanted="known classes lie at the mean feature of training items",
        )
    source = open_source(cards[0].source, make=False)
    if source.checksum != cards[0].checksum:
        changed = f"the data of {source.name} has changed since this snapshot was made"
        if data is not None:
            raise UserError(changed)
        say(f"{changed}: the class means are of the data as it is now")
    return source


def _layer_means(
    graph: Graph,
    node: Node,
    rows: NDArray[np.float32],
    stored: NDArray[np.int64],
    way: LabelWay | None,
) -> LayerMeans:
    """The means of `rows` (n, D), whose labels in the data set are `stored` (n,), for `node`.

    Labels that a Decode layer ignores, or that are beyond its size, are none of its classes.
    """
    rows, labels = counted(graph, node, rows, stored, way)
    slots = 0
    if way is not None and node.plan.facts.target == DecodeParameter.KNN:
        slots = graph.params[node.params[3]].shape[1]
    classes, column = np.unique(labels, return_inverse=True)
    sums = np.zeros((len(classes), rows.shape[1]))
    np.add.at(sums, column, rows)
    means = (sums / np.bincount(column)[:, np.newaxis]).astype(np.float32)
    places = [_spread(np.flatnonzero(column == place), slots) for place in range(len(classes))]
    counts = np.array([len(own) for own in places], np.int64)
    kept = rows[np.concatenate(places)] if slots else np.zeros((0, rows.shape[1]), np.float32)
    return LayerMeans(classes, means, kept, counts)


def counted(
    graph: Graph,
    node: Node,
    rows: NDArray[np.float32],
    stored: NDArray[np.int64],
    way: LabelWay | None,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Those of `rows` (n, D) that are of a class of `node`, and the numbers it has for them."""
    if way is None:
        return rows, stored
    labels = way.labels(stored)
    size = graph.params[node.params[0]].shape[0]
    kept = (labels >= 0) & (labels < size) & ~np.isin(labels, node.plan.facts.ignored)
    beyond = np.count_nonzero(labels >= size)
    if beyond:
        say(f"{beyond:,} items have labels beyond the {size} that '{node.name}' has room for")
    return rows[kept], labels[kept]


def _spread(places: NDArray[np.int64], slots: int) -> NDArray[np.int64]:
    """At most `slots` of `places`, at even steps."""
    count = min(slots, len(places))
    return places[np.linspace(0, len(places) - 1, count).round().astype(np.int64)]
