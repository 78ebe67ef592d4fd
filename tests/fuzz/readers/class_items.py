"""The features of training items kept beside a snapshot, a .npz."""

from pathlib import Path

import numpy as np

from mycaffe_py.trained.class_items import ClassItems, keep_items, kept_items
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    path = folder / "items.npz"
    rows = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
    keep_items(path, ClassItems(rows, np.array([0, 0, 2, 2])), "net")
    return [path.read_bytes()]


def _read(path: Path) -> None:
    found = kept_items(path, "net")
    if found is not None:
        assert len(found.rows) == len(found.labels) and np.isfinite(found.rows).all()
        assert len(found.of(2)) <= len(found.rows)


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.items.npz",
    words=(b"'descr': ", b"O", b"(1099511627776,)", b"PK\3\4", b"[", b"<f8", b"<f4", b"net"),
)  # fmt: skip
