"""What a program puts into an index: pictures, a folder of them, or a data set."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.api.given.given import Given
from mycaffe_py.api.given.inputs import given_to
from mycaffe_py.api.turns import TURN
from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.dataset_lookup import holder_of, maker_of
from mycaffe_py.data.pictures.folder import scan_folder
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.index_net import embedder_of
from mycaffe_py.trained.encodings import encodings_of
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.measured_source import as_learned
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import Snapshot

_BATCH = 256

Encodes = Callable[[Given], FeatureRows]


def items_of_index(
    snapshot: Snapshot,
    like: ArraySource,
    encode: Encodes,
    items: Any,
    labels: Sequence[object] | None,
) -> Index:
    """The encodings of `items`, with `labels` or those of the folder or data set they are from.

    Errors: another number of labels than of items; what reading finds wrong.
    """
    mine = None if labels is None else _names(labels)
    if isinstance(items, str | os.PathLike):
        if _is_source(os.fspath(items)):
            return _of_source(snapshot, os.fspath(items), mine)
        if Path(items).is_dir():
            return _of_folder(Path(items), like, encode, mine)
    given = given_to(like, items)
    # Before the work, not after it.
    _check_labels(mine, given.count)
    names = [given.name(number) for number in range(given.count)]
    return Index.of(encode(given), mine, paths=names)


def _is_source(text: str) -> bool:
    """Whether `text` names a split of a data set, such as MNIST.testing, and no file."""
    dataset, dot, split = text.rpartition(".")
    if Path(text).exists() or not (dot and dataset and split) or os.sep in text:
        return False
    return holder_of(dataset) is not None or maker_of(dataset) is not None


def _of_folder(folder: Path, like: ArraySource, encode: Encodes, labels: list[str] | None) -> Index:
    scan = scan_folder(folder)
    paths = [picture.path for picture in scan.pictures]
    found = labels or [scan.label_names[picture.label] for picture in scan.pictures]
    _check_labels(labels, len(paths))
    return Index.of(encode(given_to(like, paths)), found, paths=[str(path) for path in paths])


def _of_source(snapshot: Snapshot, name: str, labels: list[str] | None) -> Index:
    """Every item of a data set, brought to the scaling that the net learned."""
    source = open_source(name, make=snapshot.opening.makes_data)
    source = as_learned(snapshot, source, label_names(snapshot))
    _check_labels(labels, len(source))
    records = np.arange(len(source))
    with TURN:
        net = RunNet(snapshot, source, min(_BATCH, len(source)))
        vectors = encodings_of(net, source, records)
    numbers = source.labels.tolist()
    found = labels or [source.label_names.get(number, str(number)) for number in numbers]
    return Index.of(vectors, found, paths=[f"{name}:{record}" for record in records.tolist()])


def _names(labels: Any) -> list[str]:
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise UserError(f"labels are {labels!r}", wanted="a list with one for each item")
    return [str(label) for label in labels]


def _check_labels(labels: list[str] | None, count: int) -> None:
    if labels is not None and len(labels) != count:
        raise UserError(f"{len(labels):,} labels for {count:,} items", wanted="one for each")


def stored_index(snapshot: Snapshot, name: str) -> tuple[Index, Callable[[Any], FeatureRows]]:
    """The index `name` on disk, and what encodes queries as its rows were made.

    Errors: there is none, it is damaged, or another net made it.
    """
    index = Index.open(name)
    net = embedder_of(index.card_on_disk, snapshot.files.weights)

    def encode(images: Any) -> FeatureRows:
        parts = []
        for part in given_to(net.like, images).parts(net.batch):
            with TURN:
                parts.append(net.embed(part))
        return np.concatenate(parts)

    return index, encode
