"""Enrolled classes, and their centroids."""

from pathlib import Path

import numpy as np

from mycaffe_py.trained.enrollment import Enrollments, Example
from mycaffe_py.trained.enrollment_files import read_enrollments
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2) / 7
    one, two, three = (Example(f"{i}.png", str(i), row) for i, row in enumerate(rows))
    made = Enrollments("ab", "net.caffemodel", "", {"sun": (one, two), "moon": (three,)})
    return [made.as_text().encode(), Enrollments("ab", "net.caffemodel").as_text().encode()]


def _read(path: Path) -> None:
    found = read_enrollments(path)
    found.centroids()
    found.as_text()


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.enrolled.json", damage=damaged_json,
    words=(b"NaN", b"1e39", b"[[", b"{}", b'"', b"null", b", ", b"]"),
)  # fmt: skip
