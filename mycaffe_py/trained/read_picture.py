"""A picture from anywhere, read as the pictures a net learned from were."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.dataset_lookup import in_database
from mycaffe_py.data.dataset_paths import split_source_name
from mycaffe_py.data.pictures.picture import EmptyPictureError, UnreadableError, read_as
from mycaffe_py.data.pictures.picture_fit import centred
from mycaffe_py.data.pictures.picture_record import (
    LIGHT_BORDERS,
    LIGHT_ON_DARK,
    Asked,
    PictureRecord,
    known_record,
)
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.run_card import DatasetCard
from mycaffe_py.trained.snapshot import Snapshot

__all__ = ["Drawn", "centred", "read_picture", "record_of", "recorded", "unrecorded"]


@dataclass(frozen=True)
class Drawn:
    """Pixels (C, H, W), 0-255, and what was done to get them, for people."""

    pixels: NDArray[np.uint8]
    done: tuple[str, ...]


def read_picture(
    path: Path, shape: tuple[int, int, int], record: PictureRecord | None = None
) -> Drawn:
    """Read the picture at `path` (any format and mode Pillow knows) for a net of (C, H, W).

    It is read as `record` says; without one as `unrecorded` does. Errors: no picture.
    """
    if not path.is_file():
        found = "is a folder, no picture" if path.is_dir() else "is not there"
        raise UserError(f"'{path}' {found}")
    try:
        read = read_as(path, record or unrecorded(shape))
    except EmptyPictureError as error:
        raise UserError(
            f"picture '{path}' is empty: every pixel has the same brightness"
        ) from error
    except UnreadableError as error:
        raise UserError(f"'{path}' cannot be read as a picture: {error}") from error
    return Drawn(read.pixels, read.done)


def unrecorded(shape: tuple[int, int, int]) -> PictureRecord:
    """How to read for a net of (C, H, W) of whose data nothing is known.

    Gray pictures as handwriting: light ink on dark, brought to size by the ink; colour ones whole.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise UserError(f"the net wants {channels} channels", wanted="a picture has 1 or 3")
    if channels == 3:
        return PictureRecord(width, height, gray=False, fit="stretch")
    return PictureRecord(width, height, True, "ink", LIGHT_ON_DARK, LIGHT_BORDERS)


def record_of(
    snapshot: Snapshot,
    shape: tuple[int, int, int],
    asked: Asked | None = None,
    tell: Callable[[str], object] | None = None,
) -> PictureRecord:
    """How the pictures that the net learned from were read, with what the user `asked` for.

    `shape` (C, H, W) is what is wanted. Where nothing is recorded, one line is told.
    """
    asked = asked or Asked()
    found = recorded(snapshot)
    if found is None or found.gray != (shape[0] == 1):
        record = unrecorded(shape)
        if asked.fit is None or asked.invert is None:
            (tell or _to_errors)(_untold(snapshot, record))
    else:
        record = dataclasses.replace(found, height=shape[1], width=shape[2])
    return asked.over(record)


def recorded_shape(snapshot: Snapshot) -> tuple[int, int, int] | None:
    """(C, H, W) of the pictures the net learned from, before it crops them; None: not recorded."""
    found = recorded(snapshot)
    return None if found is None else found.shape


def recorded(snapshot: Snapshot) -> PictureRecord | None:
    """The record of what the net learned from, else of what it was measured on."""
    cards = sorted(snapshot.card.datasets, key=_in_order)
    for card in cards:
        facts = card.pictures or known_record(card.source) or _of_file(card)
        if facts:
            return PictureRecord.from_json(facts)
    return None


def _in_order(card: DatasetCard) -> bool:
    return card.phase != "TRAIN"


def _of_file(card: DatasetCard) -> str:
    """The record in the data set itself, if it is there and the same, for older run cards."""
    dataset, _ = split_source_name(card.source)
    if not in_database(dataset):
        return ""
    source = open_source(card.source, make=False)
    return source.pictures if source.checksum == card.checksum else ""


def _untold(snapshot: Snapshot, record: PictureRecord) -> str:
    way = (
        "light ink on dark, brought to size by the ink"
        if record.gray
        else "resized whole, not inverted"
    )
    return (
        f"{snapshot.testing.source} does not tell how its pictures were read, so pictures are read "
        f"as {way}; --fit and --invert or --no-invert say otherwise"
    )


def _to_errors(line: str) -> None:
    print(line, file=sys.stderr)
