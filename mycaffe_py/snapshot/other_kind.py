"""The error for a file of the wrong kind, such as weights in place of a state."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.proto.file_kind import HDF5, STATE, WEIGHTS, FileKind, kind_of, sentence
from mycaffe_py.snapshot.names import SnapshotFiles

_NOUNS = {STATE: "solverstate", WEIGHTS: "caffemodel"}


def refuse_other_kind(path: Path, content: memoryview, wanted: FileKind) -> None:
    """Raise UserError where the file at `path` surely is no weights or no state, as `wanted`."""
    kind = kind_of(content, path.name)
    # Either may be in HDF5; both know themselves when they are read.
    if kind is None or kind is HDF5 or kind.taken_by == wanted.taken_by:
        return
    raise UserError(f"{path} is no {_NOUNS[wanted]}, it is {kind}", do=_remedy(path, kind, wanted))


def _remedy(path: Path, kind: FileKind, wanted: FileKind) -> str:
    right = _beside(path, wanted)
    found = f"The .{_NOUNS[wanted]} beside it is {right}. " if right is not None else ""
    if wanted is STATE and kind.taken_by == WEIGHTS.taken_by:
        return f"{found}To start a new run from these weights use --weights."
    return (found + sentence(kind.taken_by)).strip()


def _beside(path: Path, wanted: FileKind) -> Path | None:
    """The file of the same snapshot that is wanted, where it is there."""
    try:
        files = SnapshotFiles.beside(path)
    except UserError:
        return None
    right = files.state if wanted is STATE else files.weights
    return right if right.is_file() else None
