"""What a user looks for: a picture or window in a file, a part of a picture, or a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.gathered_source import loaded, part_of
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.pictures.boxes import Box
from mycaffe_py.data.pictures.picture import EmptyPictureError, UnreadableError, read_as
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.embedder import Embedder
from mycaffe_py.retrieve.index.entries import as_record
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.items import home_of
from mycaffe_py.trained.inputs import read_input

_BOX = re.compile(r"(\d+),(\d+),(\d+),(\d+)", re.ASCII)


def box_of(text: str) -> Box:
    """The box "x,y,w,h". Errors: another text, an empty box."""
    found = _BOX.fullmatch(text.replace(" ", ""))
    box = Box(*map(int, found.groups())) if found else Box(0, 0, 0, 0)
    if not box.w or not box.h:
        raise UserError(
            f"--box is '{text}'",
            wanted="x,y,width,height in pixels from the left upper corner, such as 10,20,64,64",
        )
    return box


@dataclass(frozen=True, eq=False)
class Query:
    """One question: what it is called, the input (C, H, W), its label ("" unknown).

    `row` is the row of the index that is the same file or record, -1 for none.
    """

    name: str
    image: NDArray[Any] = field(repr=False)
    label: str = ""
    row: int = -1
    done: tuple[str, ...] = ()


def read_query(name: str, index: Index, net: Embedder, box: Box | None = None) -> Query:
    """The query that `name` means: a file that is there, else a record as MNIST.testing:17.

    Errors: neither, a picture that cannot be read, a box for a window or a record.
    """
    path = Path(name)
    record = None if path.exists() else as_record(name)
    if record is None:
        return _file(path, index, net.like, box)
    if box is not None:
        raise UserError(f"--box for '{name}'", wanted="a box is a part of a picture file")
    source = open_source(record[0])
    if record[1] >= len(source):
        raise UserError(f"there is no '{name}'", wanted=f"it has {len(source):,} records, from 0")
    number = int(source.labels[record[1]])
    label = class_names(source)[number]
    if not isinstance(source, FeatureTable):
        source = net.as_learned(_only(source, record[1]))
        return Query(name, np.asarray(source.image(0)), label, index.entries.row_of(name))
    raise UserError(
        f"'{name}' is a row of features", wanted="a picture, or a record of pictures or windows"
    )


def together(queries: Sequence[Query]) -> str:
    """What several queries are called when they are asked as one."""
    return " + ".join(query.name for query in queries)


def _only(source: ArraySource, record: int) -> ArraySource:
    return loaded(part_of(source, np.array([record])))


def _file(path: Path, index: Index, like: ArraySource, box: Box | None) -> Query:
    if box is not None and path.is_file():
        image: NDArray[Any]
        image, done = _part(path, like, box)
    else:
        read = read_input(path, like)
        image, done = read.array, read.done
    row = -1 if box is not None else _row(index, path)
    label = index.label(row) if row >= 0 else ""
    if not label and path.absolute().parent.name in index.label_names.values():
        label = path.absolute().parent.name
    return Query(str(path), image, label, row, done)


def _row(index: Index, path: Path) -> int:
    """The row of a file, also where a link leads to its folder; -1 for none."""
    row = index.entries.row_of(str(home_of(path)))
    return row if row >= 0 else index.entries.row_of(str(path.absolute()))


def _part(path: Path, like: ArraySource, box: Box) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """A box of a picture, read as a picture of its own."""
    if not like.pictures:
        raise UserError("--box is for pictures", wanted=f"this net takes those of {like.name}")
    record = PictureRecord.from_json(like.pictures)
    try:
        read = read_as(path, record, box=box)
    except EmptyPictureError as error:
        raise UserError(
            f"the box of '{path}' is empty: every pixel has the same brightness"
        ) from error
    except UnreadableError as error:
        raise UserError(f"'{path}' cannot be read as a picture: {error}") from error
    return read.pixels, read.done
