"""Builds what chooses the images of a Data layer's batches, as its text asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.selection.class_batches import ClassBatches
from mycaffe_py.data.selection.selection import Selection
from mycaffe_py.data.transform.list_transform import purpose_of
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations


class Chooses(Protocol):
    """Says which images a batch holds: Selection, or ClassBatches."""

    @property
    def batch_size(self) -> int:
        """Items N in a batch."""

    @property
    def images_per_blob(self) -> int:
        """Images k in an item."""

    def records(self, batch_number: int) -> NDArray[np.int64]:
        """Image numbers (N, k)."""


def selection_for(
    layer: pb.LayerParameter,
    source: ArraySource,
    train: bool,
    seed: int,
    where: Locations,
) -> Chooses:
    """What chooses the images of `source` for the layer."""
    param = layer.data_param
    purpose = purpose_of(layer, train)
    if param.labels_per_batch:
        return class_batches(layer, source.labels, source.label_names, purpose, seed, where)
    at = where.under("data_param")
    return Selection(
        source.labels,
        param.batch_size,
        param.images_per_blob,
        seed=seed,
        purpose=purpose,
        random=draws_by_chance(param, train),
        balance_matches=param.balance_matches,
        label_balancing=param.label_balancing,
        where=at.at("source"),
        names=source.label_names,
    )


def class_batches(
    layer: pb.LayerParameter,
    labels: NDArray[np.int64],
    names: Mapping[int, str],
    purpose: str,
    seed: int,
    where: Locations,
) -> ClassBatches:
    """The batches of classes that a layer asks for, of items with `labels` (n,)."""
    param = layer.data_param
    at = where.under("data_param").at("labels_per_batch")
    sizes = (param.labels_per_batch, param.images_per_label)
    return ClassBatches(labels, *sizes, seed, purpose, at, names)


def draws_by_chance(param: pb.DataParameter, train: bool) -> bool:
    """Whether images are drawn by chance: what the text says, else what is usual for its source.

    Caffe's own kinds of storage are read in order; the image database is not in TRAIN."""
    if param.HasField("enable_random_selection"):
        return param.enable_random_selection
    database = not param.HasField("backend") or param.backend == pb.DataParameter.IMAGEDB
    return train and database
