"""What a snapshot answered, item by item, kept beside it: NAME.answers.npz.

Arrays of numpy, for each source measured: records (n,), labels (n,), answers (n,), classes (K,) as
i64, distances (n, K) and features (n, D) as f32; `head` is JSON, as bytes, that tells sources and
checksums. Files of earlier versions have no features.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_file import ArrayFileError, read_npz
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.evaluate.test_many import Report
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.lock import locked
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.notices import notice
from mycaffe_py.snapshot.names import ANSWERS, LOCK, SnapshotFiles

_WAIT_S = 60.0
# 10,000 items of 1,600 features: nobody expects a larger file beside a snapshot.
MOST_FEATURE_BYTES = 64 << 20
# Name, kind and axes of the arrays of a source.
_ARRAYS = (
    ("records", np.int64, 1), ("labels", np.int64, 1), ("answers", np.int64, 1),
    ("classes", np.int64, 1), ("distances", np.float32, 2), ("features", np.float32, 2),
)  # fmt: skip


def _no_features() -> NDArray[np.float32]:
    return np.empty((0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class Answers:
    """Of the items `records` (n,) of `source`: their `labels` (n,), and the `answers` (n,) given.

    `distances` (n, K) are those to the `classes` (K,), the smallest one is the answer. `checksum`
    is that of the source as it was measured. `features` (n, D) are what the net made of the items,
    (0, 0) where they are not kept.
    """

    source: str
    checksum: str
    records: NDArray[np.int64]
    labels: NDArray[np.int64]
    answers: NDArray[np.int64]
    classes: NDArray[np.int64]
    distances: NDArray[np.float32]
    features: NDArray[np.float32] = field(default_factory=_no_features)


@dataclass(frozen=True)
class _Head:
    source: str
    checksum: str


@dataclass(frozen=True)
class _Heads:
    sources: tuple[_Head, ...]


def answers_of(report: Report) -> Answers:
    """The answers in a report of test-many, to be kept."""
    source = report.source
    labels = source.labels[report.records]
    return Answers(
        source.name, source.checksum, report.records, labels, report.answers, report.labels,
        report.distances, _kept(report.features),
    )  # fmt: skip


def _kept(features: NDArray[np.float32] | None) -> NDArray[np.float32]:
    if features is None:
        return _no_features()
    if features.nbytes > MOST_FEATURE_BYTES:
        notice(
            f"the {features.shape[1]:,} features of each item are not kept: for "
            f"{len(features):,} items the file would be too large"
        )
        return _no_features()
    return features


def write_answers(files: SnapshotFiles, found: Answers) -> Path:
    """Keep the answers, in place of earlier ones on the same source; those on others stay.

    Errors: the file there is damaged, it cannot be written, somebody holds it for a minute.
    """
    path = files.with_ending(ANSWERS)
    with _held(path):
        others = [one for one in _read_all(path) if one.source != found.source]
        _write(path, [*others, found])
    return path


def read_every(files: SnapshotFiles) -> list[Answers]:
    """The answers kept on every source, [] without a file. Errors: the file is damaged."""
    return _read_all(files.with_ending(ANSWERS))


def read_answers(files: SnapshotFiles, source: str) -> Answers:
    """The answers kept on `source`. Errors: there are none, the file is damaged."""
    every = {one.source: one for one in all_answers(files)}
    if source not in every:
        raise UserError(
            f"no answers on '{source}' are kept beside {files.weights}",
            do=nearest(source, every) or "'mycaffe test-many --record' keeps them.",
        )
    return every[source]


def all_answers(files: SnapshotFiles) -> list[Answers]:
    """The answers kept on every source, those measured last at the end. Errors: damaged file."""
    return _read_all(files.with_ending(ANSWERS))


def _held(path: Path) -> AbstractContextManager[None]:
    what = f"the file of answers '{path}'"
    lock = path.with_name(f".{path.name}{LOCK}")
    return locked(lock, what, do="Wait for its end.", wait_s=_WAIT_S)


def _write(path: Path, every: Sequence[Answers]) -> None:
    heads = _Heads(tuple(_Head(one.source, one.checksum) for one in every))
    head = np.frombuffer(json.dumps(asdict(heads)).encode(), dtype=np.uint8)
    arrays: dict[str, NDArray[Any]] = {
        f"{number}/{name}": np.asarray(getattr(one, name), dtype=kind)
        for number, one in enumerate(every)
        for name, kind, _ in _ARRAYS
    }

    def fill(file: BinaryIO) -> None:
        np.savez_compressed(file, allow_pickle=False, head=head, **arrays)

    write_atomically(path, fill)


def _read_all(path: Path) -> list[Answers]:
    if not path.is_file():
        return []
    try:
        arrays = read_npz(path)
        heads = parse_json(arrays["head"].tobytes(), _Heads).sources
        return [_one(head, number, arrays) for number, head in enumerate(heads)]
    except (OSError, ArrayFileError, DamagedError, KeyError) as error:
        raise UserError(
            f"the answers '{path}' are damaged ({error})",
            do="Remove the file; 'mycaffe test-many --record' makes it anew.",
        ) from error


def _one(head: _Head, number: int, arrays: Mapping[str, NDArray[Any]]) -> Answers:
    """The answers on one source, their kinds and sizes checked."""
    found: dict[str, NDArray[Any]] = {}
    for name, kind, axes in _ARRAYS:
        key = f"{number}/{name}"
        array = _no_features() if name == "features" and key not in arrays else arrays[key]
        if array.dtype != kind or array.ndim != axes:
            raise DamagedError(f"{name} of {head.source} are {array.dtype} of {array.ndim} axes")
        found[name] = array
    one = Answers(head.source, head.checksum, **found)
    n, count = len(one.records), len(one.classes)
    lengths = {len(one.labels), len(one.answers), len(one.features) or n}
    if lengths != {n} or one.distances.shape != (n, count):
        raise DamagedError(f"the arrays of {head.source} are not of one length")
    return one
