"""The class means kept beside a snapshot."""

from pathlib import Path

import numpy as np

from mycaffe_py.trained.class_means_file import ClassMeans, LayerMeans, keep, kept_means
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    labels, means = np.array([0, 4]), np.ones((2, 3), np.float32) / 7
    plain = LayerMeans(labels, means, np.zeros((0, 3), np.float32), np.zeros(2, np.int64))
    kept = LayerMeans(labels, means, np.ones((3, 3), np.float32), np.array([1, 2]))
    (folder / "weights").write_bytes(b"w")
    path = folder / "means"
    keep(
        ClassMeans({"a": plain, "b": kept}, "S.training", 9, "ab"), path, "net", folder / "weights"
    )
    return [path.read_bytes()]


def _read(path: Path) -> None:
    found = kept_means(path, "net", ("a", "b"))
    if found is not None:
        assert len(found.labels) == len(found.means)
        found.line()


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.classes.json", damage=damaged_json,
    words=(b"NaN", b"1e39", b"[[", b"{}", b'"', b"null", b", ", b"]"),
)  # fmt: skip
