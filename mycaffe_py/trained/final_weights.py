"""The weights of a snapshot with the centroids of its final features.

The .caffemodel keeps those that training was at, which a resumed run goes on with.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.blob import StoredBlob
from mycaffe_py.snapshot.weights import Weights
from mycaffe_py.trained.class_means import means_of, moving_layers
from mycaffe_py.trained.class_means_file import ClassMeans, LayerMeans, say
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.snapshot import Snapshot


def final_means(snapshot: Snapshot, graph: Graph) -> ClassMeans | None:
    """The class means for the Decode layers of the RUN net `graph`.

    None where training moves no centroid, and where the training data cannot be had, which is told:
    then the centroids that training was at have to do.
    """
    if not moving_layers(snapshot, graph):
        return None
    try:
        return means_of(snapshot, graph)
    except UserError as error:
        say(
            f"{snapshot.files.weights}: its centroids are the running means of the training, which "
            f"lag behind its features, as no others can be made: {error}"
        )
        return None


def fingerprint_of_means(snapshot: Snapshot) -> str:
    """Fingerprint of the class means that the snapshot answers by.

    It is "" where it answers by its own centroids.
    """
    graph = run_graph(snapshot, 1)
    found = final_means(snapshot, graph) if snapshot.decodes else means_of(snapshot, graph)
    return found.fingerprint if found is not None else ""


def final_weights(snapshot: Snapshot, graph: Graph) -> Weights:
    """The weights for the RUN net `graph`, with the centroids of `final_means` where there are."""
    found = final_means(snapshot, graph)
    if found is None:
        return snapshot.weights
    weights = snapshot.weights
    for name, means in found.layers.items():
        weights = _with_means(weights, graph, graph.node(name), means)
    return weights


def _with_means(weights: Weights, graph: Graph, node: Node, means: LayerMeans) -> Weights:
    """`weights` with the `means` as the state of one Decode layer, and of all that share it."""
    layers = {name: list(blobs) for name, blobs in weights.layers.items()}
    blobs = layers[node.name]
    for index, values in enumerate(_state([blob.array for blob in blobs], means)):
        param = graph.params[node.params[index]]
        for key in param.keys:
            stored = layers.get(key.layer, [])
            numbers = list(weights.numbers.get(key.layer, range(len(stored))))
            if key.number in numbers:
                place = numbers.index(key.number)
                stored[place] = _replaced(stored[place], values)
    return replace(weights, layers=layers)


def _replaced(old: StoredBlob, values: Array) -> StoredBlob:
    return replace(old, array=values.reshape(old.array.shape))


def _state(live: list[Array], means: LayerMeans) -> list[Array]:
    """Centroids, status, counts and, for KNN, kept encodings, shaped as the `live` ones are.

    A label without a training item has no centroid. Counts stay where they are only a sign that
    there is one; KNN's say how many encodings are kept.
    """
    state = [np.zeros_like(array) for array in live]
    state[0].reshape(len(state[0]), -1)[means.labels] = means.means
    state[1].reshape(-1)[means.labels] = 1
    counts = np.maximum(live[2].reshape(-1)[means.labels], 1)
    if len(live) > 3:
        counts = means.kept_counts
        kept = state[3].reshape(*state[3].shape[:2], -1)
        ends = np.cumsum(counts)
        for label, count, end in zip(means.labels, counts, ends, strict=True):
            kept[label, :count] = means.kept[end - count : end]
    state[2].reshape(-1)[means.labels] = counts
    return state
