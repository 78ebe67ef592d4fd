"""The files of an index, and its card, which says which of them count.

The index NAME is the folder NAME.index in the data folder. Each change writes files of a new
number beside the old ones - `<n>.rows` (float32, row behind row), `<n>.labels` (int64, -1: none)
and `<n>.paths.tsv` - and then the card, `index.json`, which names that number. Files of another
number do not count. So a kill at any moment leaves the old index or the new one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mycaffe_py.data.dataset_paths import check_dataset_name, data_folder, names_with
from mycaffe_py.data.feature_tables.feature_card import Base
from mycaffe_py.errors import MyCaffeError, UserError, nearest, reason_of
from mycaffe_py.files.checked_json import load_json, read_bounded
from mycaffe_py.files.lock import locked
from mycaffe_py.files.schema import Count, DamagedError, Name, Positive, fit
from mycaffe_py.snapshot.names import LOCK

FORMAT = 1
SUFFIX = ".index"
MAKE_AGAIN = "Make it again: 'mycaffe index create ... --force'."

_CARD = "index.json"
_SEAL = "seal"


@dataclass(frozen=True)
class IndexCard:
    """What is in an index, and how one more picture becomes a row of it.

    `size` is the number of values of a row; `cosine`: distances are 1 - cosine, not squared.
    `base` is the net, whose `model` is "" for a snapshot. `shape` (C, H, W), `dtype`, `pictures`
    and `counters` are as in an ArraySource: how files are read for it. `roots` are the folders and
    `sources` the data sets that were taken in, which `index add` looks through again. `checksum`
    is over all rows, labels and paths.
    """

    name: Name
    number: Positive
    rows: Count
    size: Positive
    cosine: bool
    base: Base
    shape: tuple[int, int, int]
    dtype: str
    pictures: str
    counters: str
    roots: tuple[Name, ...]
    sources: tuple[str, ...]
    label_names: dict[int, str] = field(default_factory=dict)
    checksum: str = ""

    def text(self) -> bytes:
        """As JSON, sealed with the sha256 of what it says."""
        said: dict[str, Any] = {"format": FORMAT, **dataclasses.asdict(self)}
        said["label_names"] = {str(n): name for n, name in self.label_names.items()}
        said = json.loads(json.dumps(said))
        return f"{json.dumps(said | {_SEAL: _seal(said)}, indent=1)}\n".encode()


@dataclass(frozen=True)
class IndexFiles:
    """The files of one number of an index."""

    folder: Path
    number: int

    @property
    def rows(self) -> Path:
        """Values (N, D)."""
        return self.folder / f"{self.number}.rows"

    @property
    def labels(self) -> Path:
        """Labels (N,)."""
        return self.folder / f"{self.number}.labels"

    @property
    def paths(self) -> Path:
        """Where each row is from."""
        return self.folder / f"{self.number}.paths.tsv"

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """The three."""
        return self.rows, self.labels, self.paths


def index_folder(name: str) -> Path:
    """The folder of an index, there or not. Errors: no name for one."""
    return data_folder() / f"{check_dataset_name(name)}{SUFFIX}"


def card_path(name: str) -> Path:
    """The card of an index, there or not."""
    return index_folder(name) / _CARD


def index_names() -> list[str]:
    """The indexes that are there, sorted."""
    return [name for name in names_with(SUFFIX) if card_path(name).is_file()]


def read_index_card(name: str) -> IndexCard:
    """The card of an index. Errors: there is no such index, or its card is damaged."""
    path = card_path(name)
    if not path.is_file():
        known = index_names()
        raise UserError(
            f"there is no index '{name}' in {data_folder()}",
            do=(f"{nearest(name, known)} " if known else "") + "'mycaffe index create' makes one.",
        )
    try:
        said = load_json(read_bounded(path))
        sealed = fit(said, _Sealed)
        del said[_SEAL]
        if sealed.format != FORMAT or sealed.seal != _seal(said):
            raise DamagedError("it is not as it was written")
        return fit(said, IndexCard)
    except (OSError, DamagedError) as error:
        raise damaged(name, f"{path}: {error}") from error


def damaged(name: str, why: str) -> UserError:
    """The error of an index whose files are not as they were written."""
    return UserError(f"index '{name}' is damaged: {why}", do=MAKE_AGAIN)


def alone(name: str) -> AbstractContextManager[None]:
    """A context in which nobody else changes the index. Errors: another process does."""
    folder = index_folder(name)
    with contextlib.suppress(FileExistsError):
        _make(folder.parent)
    path = folder.with_name(f".{folder.name}{LOCK}")
    return locked(path, f"index '{name}'", do="Wait for it to end, then give the command again.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MyCaffeError(
            f"cannot make {folder}: {reason_of(error)}",
            do="Set MYCAFFE_DATA to a folder that can be written.",
        ) from error


def remove_others(name: str, number: int | None) -> None:
    """Remove files of other numbers; with None all of the index, its card first."""
    folder = index_folder(name)
    if number is None:
        card_path(name).unlink(missing_ok=True)
    keep = {_CARD} if number is None else {_CARD, *(p.name for p in IndexFiles(folder, number).all)}
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.name not in keep and not path.name.startswith("."):
                # A program of Windows that still reads it keeps it until the next change.
                with contextlib.suppress(OSError):
                    path.unlink()
        if number is None:
            folder.rmdir()


def _seal(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class _Sealed:
    format: int
    seal: str
