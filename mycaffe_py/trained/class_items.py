"""Features of training items, class by class, kept beside the snapshot they are of: NAME.items.npz.

And the items themselves, as the data set has them: NAME.windows.npz, of the same form. Arrays of
numpy: rows (n, D) as f32, labels (n,) as i64, and net, the bytes of the fingerprint of the weights
they were made with. What does not fit is told in one line and made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_file import ArrayFileError, read_npz
from mycaffe_py.engine.answering_net import answer_node
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.graph.model import Graph
from mycaffe_py.snapshot.names import ITEMS, WINDOWS
from mycaffe_py.trained.class_means import Collected, collected, counted
from mycaffe_py.trained.class_means_file import say
from mycaffe_py.trained.enrollment_files import beside, fingerprint
from mycaffe_py.trained.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class ClassItems:
    """Features `rows` (n, D) of training items with these `labels` (n,), as the net has them."""

    rows: FeatureRows
    labels: NDArray[np.int64]

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) of them: with equal ones scores are equal."""
        digest = hashlib.sha256()
        for array in (self.rows, self.labels):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def of(self, label: int) -> FeatureRows:
        """(m, D): those of one class."""
        found: FeatureRows = self.rows[self.labels == label]
        return found


def class_items(snapshot: Snapshot, graph: Graph) -> ClassItems:
    """What the answering layer of the RUN net `graph` looks at, of items of the training split.

    Those stored beside the snapshot, else made and stored; of as many items as the class means are
    made of. Errors: the data set cannot be had, which is needed once.
    """
    return _items(snapshot, graph, beside(snapshot.files, ITEMS), lambda made: made.features[0])


def class_windows(snapshot: Snapshot, graph: Graph) -> ClassItems:
    """The same items before the net, as the data set has them: rows (n, C H W).

    Errors: as those of `class_items`.
    """
    return _items(snapshot, graph, beside(snapshot.files, WINDOWS), _stored)


def _stored(made: Collected) -> NDArray[np.float32]:
    images = made.source.gather(made.records)
    return images.reshape(len(images), -1).astype(np.float32)


def _items(
    snapshot: Snapshot, graph: Graph, path: Path, rows_of: Callable[[Collected], FeatureRows]
) -> ClassItems:
    """Those in `path`, else made and kept there."""
    ours = fingerprint(snapshot)
    found = kept_items(path, ours)
    if found is None:
        node = answer_node(graph)
        made = collected(snapshot, graph, [node])
        stored = made.source.labels[made.records]
        rows, labels = counted(graph, node, rows_of(made), stored, made.ways.get(node.name))
        found = ClassItems(rows, labels)
        keep_items(path, found, ours)
    return found


def kept_items(path: Path, net: str) -> ClassItems | None:
    """Those in `path`; None where there are none, or none of the fingerprint `net`."""
    if not path.is_file():
        return None
    try:
        arrays = read_npz(path)
        rows, labels, theirs = arrays["rows"], arrays["labels"], arrays["net"].tobytes().decode()
    except (OSError, ArrayFileError, KeyError, UnicodeDecodeError) as error:
        say(f"the features '{path}' are damaged ({error}) and are made anew")
        return None
    shapes = rows.ndim == 2 and labels.shape == rows.shape[:1]
    kinds = rows.dtype == np.float32 and labels.dtype == np.int64
    if not shapes or not kinds or not np.isfinite(rows).all():
        say(f"the features '{path}' are damaged ({rows.shape}, {labels.shape}) and are made anew")
        return None
    if theirs != net:
        say(f"the features '{path}' are of other weights and are made anew")
        return None
    return ClassItems(rows, labels)


def keep_items(path: Path, items: ClassItems, net: str) -> None:
    """Write them to `path` with the fingerprint `net`, and say so, or say why not."""
    told = np.frombuffer(net.encode(), np.uint8)

    def fill(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, rows=items.rows, labels=items.labels, net=told)

    try:
        write_atomically(path, fill)
    except MyCaffeError as error:
        say(f"these training items cannot be kept, so each command makes them: {error}")
        return
    of_them = "features of " if path.name.endswith(ITEMS) else ""
    say(f"{of_them}{len(items.labels):,} training items, kept in {path}")
