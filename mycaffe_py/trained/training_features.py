"""What the final weights make of items of the training data: a sample with every class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.selection.balanced import balanced_sample
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.graph.operations import arithmetic
from mycaffe_py.random_streams import stream
from mycaffe_py.trained.encodings import rows_of
from mycaffe_py.trained.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.trained.snapshot import Snapshot

# A mean of a thousand items of each of ten classes stands still to 3 % of a class's spread.
_MOST_ITEMS = 10_000
# Of large nets fewer, which takes a minute, but some of each class.
_MOST_OPERATIONS = 4e12
_LEAST_OF_A_CLASS = 4
# Pictures at a time. Not a caller's choice: no option may change a bit of what comes out.
_BATCH = 256
_BATCH_VALUES = 1 << 22


def sampled_records(snapshot: Snapshot, source: ArraySource) -> NDArray[np.int64]:
    """Record numbers (n,) of `source`, some of every class; at most 10,000 of few classes.

    As many of each class as can be had, drawn by the snapshot's seed.
    """
    operations = sum(arithmetic(node).forward for node in run_graph(snapshot, 1).nodes)
    most = min(_MOST_ITEMS, int(_MOST_OPERATIONS / max(1, operations)))
    count = max(most, _LEAST_OF_A_CLASS * len(np.unique(source.labels)))
    return balanced_sample(source.labels, count, stream(snapshot.card.seed, "class-means"))


def features_of(
    snapshot: Snapshot, source: ArraySource, records: NDArray[np.int64], blobs: Sequence[str]
) -> list[NDArray[np.float32]]:
    """(n, D) of each of `blobs` of the RUN net for the items `records` (n,).

    Through the transform of a test, without augmentation. Errors: not finite.
    """
    values = int(np.prod(source.shape))
    batch = min(_BATCH, max(1, _BATCH_VALUES // values), len(records))
    graph = run_graph(snapshot, batch)
    net = AnsweringNet(
        loaded_net(snapshot, graph, snapshot.weights),
        transform_for(snapshot, source),
        batch,
        source.name,
    )
    return rows_of(net, source, records, blobs)
