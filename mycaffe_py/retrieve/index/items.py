"""What there is to index: the pictures (or windows) below folders, and the records of data sets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.dataset_paths import is_source_name
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.looked_for import looked_for
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.entries import Stamp, file_sha256, stamp_of
from mycaffe_py.trained.enrollment import input_key
from mycaffe_py.trained.inputs import read_input

_SHEET = ".csv"
# A folder that holds the splits of a data set: then the classes are a level below.
_SPLITS = ("training", "testing")

Reading = Callable[[], NDArray[Any]]


@dataclass(frozen=True)
class Item:
    """One picture, window or record. `label` is the name of its class, "" where nobody knows.

    `number` is its label in the data set it is from, None for files. `sha256` computes the sum of
    its content, `read` the input (C, H, W) of a net.
    """

    path: str
    stamp: Stamp | None
    label: str
    sha256: Callable[[], str]
    read: Reading
    number: int | None = None


@dataclass(frozen=True)
class Place:
    """What a user named: a `folder`, single `files`, or a `source` such as MNIST.testing."""

    name: str
    folder: Path | None = None
    file: Path | None = None
    source: ArraySource | None = None

    def covers(self, path: str) -> bool:
        """Whether the row of this path belongs to it, also if it is no longer there."""
        if self.source is not None:
            return path.rpartition(":")[0] == self.name
        if self.file is not None:
            return path == self.name
        return Path(path).is_relative_to(self.name)


def place_of(name: str, make: bool = True) -> Place:
    """The place that `name` means: a folder or file that is there, else a data set.

    Errors: neither.
    """
    path = Path(name)
    if path.is_dir():
        return Place(str(path.resolve()), folder=path.resolve())
    if path.exists():
        return Place(str(home_of(path)), file=home_of(path))
    if is_source_name(name) and not path.is_absolute() and len(path.parts) == 1:
        return Place(name, source=open_source(name, make=make))
    raise UserError(
        f"'{name}' is not there",
        wanted="a folder of pictures, a picture, or a data set such as MNIST.testing",
        do=looked_for(path),
    )


def home_of(path: Path) -> Path:
    """A path by which the same file is always called: its folder without links and dots."""
    return path.parent.resolve() / path.name


def items_of(place: Place, like: ArraySource, label: str = "") -> Iterator[Item]:
    """What is at a place, folders in the order of paths. `like` says how files are read.

    The label of a file is the folder below `place.folder` that it lies in, or `label` for all.
    Errors: a folder without a picture.
    """
    if place.source is not None:
        yield from _records(place.name, place.source, label)
    elif place.file is not None:
        yield _file(place.file, like, label)
    elif place.folder is not None:
        found = False
        for path in _files(place.folder, like):
            found = True
            yield _file(path, like, label or label_below(place.folder, path))
        if not found:
            raise _nothing(place.folder, like)


def label_below(folder: Path, path: Path) -> str:
    """The class of a file: the first folder below `folder`, or the one below training, testing."""
    parts = path.relative_to(folder).parts[:-1]
    if parts and parts[0] in _SPLITS:
        parts = parts[1:]
    return parts[0] if parts else ""


def _files(folder: Path, like: ArraySource) -> Iterator[Path]:
    """Files that can be inputs by their names, without hidden ones, sorted."""
    Image.init()
    wanted = {_SHEET} if like.counters else set(Image.registered_extensions())
    been: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        # A link may lead back to a folder above it.
        real = os.path.realpath(place)
        if real in been:
            folders[:] = []
            continue
        been.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if path.suffix.lower() in wanted and not name.startswith(".") and path.is_file():
                yield path


def _file(path: Path, like: ArraySource, label: str) -> Item:
    try:
        stamp = stamp_of(path)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from error

    def sha256() -> str:
        # What cannot be read is told when the picture is read.
        with suppress(OSError):
            return file_sha256(path)
        return ""

    return Item(str(path), stamp, label, sha256, lambda: read_input(path, like).array)


def _records(name: str, source: ArraySource, label: str) -> Iterator[Item]:
    names = class_names(source)
    for record, number in enumerate(source.labels.tolist()):
        yield Item(
            f"{name}:{record}",
            None,
            label or names.get(number, str(number)),
            partial(_record_sum, source, record),
            partial(_record, source, record),
            None if label else number,
        )


def _record(source: ArraySource, record: int) -> NDArray[Any]:
    return np.asarray(source.image(record))


def _record_sum(source: ArraySource, record: int) -> str:
    return input_key(source.image(record))


def _nothing(folder: Path, like: ArraySource) -> UserError:
    what = "window of counters (.csv)" if like.counters else "picture"
    return UserError(f"there is no {what} in {folder}", do="Nothing is changed.")


def features_of(places: Sequence[Place]) -> FeatureTable | None:
    """The table of features among `places`, whose rows need no net.

    Errors: it is not the only one.
    """
    tables = [place.source for place in places if isinstance(place.source, FeatureTable)]
    if tables and len(places) > 1:
        raise UserError(
            f"'{tables[0].name}' is a table of features",
            wanted="its rows are taken as they are, so it is indexed alone",
        )
    return tables[0] if tables else None
