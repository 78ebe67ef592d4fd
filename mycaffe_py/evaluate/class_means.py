"""Floor 7. Where the classes of a net without Decode lie: the mean features of training items."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrolment_files import beside, fingerprint
from mycaffe_py.evaluate.run_net import RunNet
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.atomic import write_atomically
from mycaffe_py.snapshot.names import MEANS

# A mean of a thousand items of each of ten classes stands still to 3 % of a class's spread.
_MOST_ITEMS = 10_000


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """`means` (L, D) of the `labels` (L,) among `items` training items of `source`."""

    labels: NDArray[np.int64]
    means: NDArray[np.float32]
    source: str
    items: int


def class_means(snapshot: Snapshot, net: RunNet) -> ClassMeans:
    """The stored means of these weights, or those of at most 10,000 items drawn from the training.

    Stored beside the snapshot, so that the data set is needed once. Errors: it is not there.
    """
    path = beside(snapshot.files, MEANS)
    ours = fingerprint(snapshot)
    if path.is_file():
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["net"] == ours:
                labels = np.asarray(raw["labels"], np.int64)
                means = np.asarray(raw["means"], np.float32)
                return ClassMeans(labels, means, str(raw["source"]), int(raw["items"]))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"the class means '{path}' are damaged ({error})", do="Remove the file."
            ) from error
    found = _measured(net, _training(snapshot), snapshot.card.seed)
    stored = {
        "format": 1,
        "net": ours,
        "source": found.source,
        "items": found.items,
        "labels": found.labels.tolist(),
        "means": found.means.tolist(),
    }
    write_atomically(path, f"{json.dumps(stored)}\n".encode())
    return found


def _training(snapshot: Snapshot) -> ArraySource:
    for dataset in snapshot.card.datasets:
        if dataset.phase == "TRAIN":
            return open_source(dataset.source)
    raise UserError(
        f"the net of '{snapshot.files.weights}' has no Decode layer and reads no training data",
        wanted="known classes lie at Decode's centroids, or at the mean feature of training items",
    )


def _measured(net: RunNet, source: ArraySource, seed: int) -> ClassMeans:
    records = np.sort(stream(seed, "class-means").permutation(len(source))[:_MOST_ITEMS])
    labels, column = np.unique(source.labels[records], return_inverse=True)
    sums = np.zeros((0, 0))
    for start in range(0, len(records), net.batch):
        rows = net.features(source.gather(records[start : start + net.batch]))
        if not sums.size:
            sums = np.zeros((len(labels), rows.shape[1]))
        np.add.at(sums, column[start : start + net.batch], rows)
    means = sums / np.bincount(column)[:, np.newaxis]
    return ClassMeans(labels, means.astype(np.float32), source.name, len(records))
