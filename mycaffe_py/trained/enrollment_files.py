"""Enrollments on disk, beside the snapshot they were made with.

`<prefix>_iter_<n>.enrolled.json` names every class with its examples and their embeddings;
`<prefix>_iter_<n>.enrolled.npz` keeps the inputs, so that other weights can embed them anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mycaffe_py.data.array_file import ArrayFileError, read_npz
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import read_bounded
from mycaffe_py.files.lock import locked
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.snapshot.names import CARD, ENROLLED, INPUTS, LOCK, SnapshotFiles
from mycaffe_py.trained.enrollment import Enrollments, Input
from mycaffe_py.trained.snapshot import Snapshot

# To read, add and write takes less than a second, or a few where many inputs are embedded anew.
_WAIT_S = 60.0
# Of embeddings: a million of 20 numbers.
_MOST_BYTES = 256 << 20
_WAIT = "Wait for it to end, then enroll again."


def beside(files: SnapshotFiles, ending: str) -> Path:
    """The file of a snapshot with another ending."""
    return files.with_ending(ending)


def fingerprint(snapshot: Snapshot) -> str:
    """sha256 (hex) of the weights and the net's text: equal ones embed alike."""
    digest = hashlib.sha256()
    with snapshot.files.weights.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    nets = {name: text.text for name, text in snapshot.card.nets.items()}
    # A net inside the solver text is part of that one.
    texts = nets or {"": snapshot.card.solver.text}
    digest.update(json.dumps(texts, sort_keys=True).encode())
    return digest.hexdigest()


def read_enrollments(path: Path) -> Enrollments:
    """What `path` holds. Errors: it is damaged."""
    try:
        return Enrollments.from_text(read_bounded(path, _MOST_BYTES))
    except DamagedError as error:
        raise UserError(
            f"the enrollments '{path}' are damaged ({error})",
            do="Remove the file and enroll again.",
        ) from error


def read_inputs(path: Path) -> dict[str, Input]:
    """The stored inputs by key; none where the file is missing. Errors: it is damaged."""
    if not path.is_file():
        return {}
    try:
        return read_npz(path)
    except (OSError, ArrayFileError) as error:
        raise UserError(
            f"the enrolled inputs '{path}' are damaged ({error})",
            do=f"Remove it and '{path.name.removesuffix(INPUTS)}{ENROLLED}', and enroll again.",
        ) from error


def held(files: SnapshotFiles) -> contextlib.AbstractContextManager[None]:
    """A context in which nobody else can change the enrollments of this snapshot.

    Errors: another process holds them for a whole minute.
    """
    path = beside(files, ENROLLED)
    what = f"the file of enrollments '{path}'"
    return locked(path.with_name(f".{path.name}{LOCK}"), what, do=_WAIT, wait_s=_WAIT_S)


def write(files: SnapshotFiles, enrollments: Enrollments, inputs: Mapping[str, Input]) -> Path:
    """Store both files and return the readable one; `inputs` may hold more than is needed.

    In three steps, so that a kill between two leaves every example with its input.
    """
    path, arrays = beside(files, ENROLLED), beside(files, INPUTS)
    wanted = {example.key for example in enrollments.examples}
    ours = {key: array for key, array in inputs.items() if key in wanted}
    before = read_inputs(arrays)
    _write_inputs(arrays, before | ours)
    write_atomically(path, enrollments.as_text().encode())
    if before.keys() - ours.keys():
        _write_inputs(arrays, ours)
    return path


def earlier(files: SnapshotFiles) -> SnapshotFiles | None:
    """The last snapshot of the same run before this one that has enrollments."""
    found: list[tuple[int, SnapshotFiles]] = []
    for path in files.card.parent.glob(f"*{ENROLLED}"):
        card = path.with_name(path.name.removesuffix(ENROLLED) + CARD)
        other = SnapshotFiles.beside(card)
        if other.prefix == files.prefix and 0 <= other.iteration < files.iteration:
            found.append((other.iteration, other))
    return max(found, key=_iteration)[1] if found else None


def _iteration(pair: tuple[int, SnapshotFiles]) -> int:
    return pair[0]


def _write_inputs(path: Path, inputs: Mapping[str, Input]) -> None:
    def fill(file: BinaryIO) -> None:
        np.savez_compressed(file, allow_pickle=False, **inputs)

    write_atomically(path, fill)
