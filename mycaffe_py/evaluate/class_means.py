"""Floor 7. Where the classes of a trained net lie: the mean final features of training items.

Decode's own centroids are running means of features that have moved on since: with many classes
they reach back a thousand iterations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.layer_source import source_of_layer, store_of
from mycaffe_py.data.source import open_source
from mycaffe_py.engine.recogniser import Recogniser, answer_node
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.class_means_file import ClassMeans, LayerMeans, keep, kept_means, say
from mycaffe_py.evaluate.enrolment_files import fingerprint
from mycaffe_py.evaluate.label_way import LabelWay, label_way, moves
from mycaffe_py.evaluate.snapshot import Snapshot, store_layer
from mycaffe_py.evaluate.training_features import features_of, sampled_records
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.proto.mycaffe_pb2 import DecodeParameter, LayerParameter
from mycaffe_py.snapshot.names import MEANS


def class_means(snapshot: Snapshot, net: Recogniser) -> ClassMeans:
    """The means for `net`, a net of the snapshot: those stored beside it, else made and stored.

    Of at most 10,000 items of the training split, as many of each class as can be had; so the data
    set is needed once. Errors: it cannot be had.
    """
    return means_of(snapshot, net.net.graph)


def means_of(snapshot: Snapshot, graph: Graph) -> ClassMeans:
    """The same for the RUN net `graph`."""
    learners = moving_layers(snapshot, graph) or [answer_node(graph)]
    path = snapshot.files.with_ending(MEANS)
    ours = fingerprint(snapshot)
    found = kept_means(path, ours, [node.name for node in learners])
    if found is None:
        found = _measured(snapshot, graph, learners)
        keep(found, path, ours, snapshot.files.weights)
    return found


def moving_layers(snapshot: Snapshot, graph: Graph) -> list[Node]:
    """The Decode layers whose centroids follow the features; one that answers comes first."""
    decodes = [node for node in graph.nodes if node.layer.type == "Decode"]
    moving = [node for node in decodes if moves(snapshot.train, node.name)]
    return sorted(moving, key=lambda node: node is not answer_node(graph))


def _measured(snapshot: Snapshot, graph: Graph, learners: Sequence[Node]) -> ClassMeans:
    decodes = [node.name for node in learners if node.layer.type == "Decode"]
    ways = {name: label_way(snapshot.train, name) for name in decodes}
    layers = {way.data.name: way.data for way in ways.values()}
    if len(layers) > 1:
        raise UserError(f"its centroids come from several data layers: {', '.join(layers)}")
    source = _training(snapshot, next(iter(layers.values()), None))
    records = sampled_records(snapshot, source)
    features = features_of(snapshot, source, records, [node.bottoms[0] for node in learners])
    means = {
        node.name: _layer_means(graph, node, rows, source.labels[records], ways.get(node.name))
        for node, rows in zip(learners, features, strict=True)
    }
    return ClassMeans(means, source.name, len(records), source.checksum)


def _training(snapshot: Snapshot, data: LayerParameter | None) -> ArraySource:
    """What the layer `data` read in training; without one, whatever the net learned from.

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

    Labels that a Decode layer ignores, or has no room for, are none of its classes.
    """
    labels, slots = stored, 0
    if way is not None:
        labels = way.labels(stored)
        room = graph.params[node.params[0]].shape[0]
        counted = (labels >= 0) & (labels < room) & ~np.isin(labels, node.plan.facts.ignored)
        beyond = np.count_nonzero(labels >= room)
        if beyond:
            say(f"{beyond:,} items have labels beyond the {room} that '{node.name}' has room for")
        rows, labels = rows[counted], labels[counted]
        if node.plan.facts.target == DecodeParameter.KNN:
            slots = graph.params[node.params[3]].shape[1]
    classes, column = np.unique(labels, return_inverse=True)
    sums = np.zeros((len(classes), rows.shape[1]))
    np.add.at(sums, column, rows)
    means = (sums / np.bincount(column)[:, np.newaxis]).astype(np.float32)
    places = [_spread(np.flatnonzero(column == place), slots) for place in range(len(classes))]
    counts = np.array([len(own) for own in places], np.int64)
    kept = rows[np.concatenate(places)] if slots else np.zeros((0, rows.shape[1]), np.float32)
    return LayerMeans(classes, means, kept, counts)


def _spread(places: NDArray[np.int64], slots: int) -> NDArray[np.int64]:
    """At most `slots` of `places`, evenly apart."""
    count = min(slots, len(places))
    return places[np.linspace(0, len(places) - 1, count).round().astype(np.int64)]
