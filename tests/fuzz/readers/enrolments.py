"""Enrolled classes, and their centroids."""

from pathlib import Path

import numpy as np

from mycaffe_py.evaluate.enrolment import Enrolments, Example
from mycaffe_py.evaluate.enrolment_files import read_enrolments
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2) / 7
    one, two, three = (Example(f"{i}.png", str(i), row) for i, row in enumerate(rows))
    made = Enrolments("ab", "net.caffemodel", "", {"sun": (one, two), "moon": (three,)})
    return [made.as_text().encode(), Enrolments("ab", "net.caffemodel").as_text().encode()]


def _read(path: Path) -> None:
    found = read_enrolments(path)
    found.centroids()
    found.as_text()


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.enrolled.json", damage=damaged_json,
    words=(b"NaN", b"1e39", b"[[", b"{}", b'"', b"null", b", ", b"]"),
)  # fmt: skip
