"""A file that a user enrolls or asks about, as the net takes it: a picture or a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource, Images, make_source
from mycaffe_py.data.counters.one_window import read_window
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.pictures.picture_record import Asked, PictureRecord
from mycaffe_py.errors import UserError
from mycaffe_py.trained.enrollment import Input
from mycaffe_py.trained.measured_source import check_same_counters
from mycaffe_py.trained.pictures_like import pictures_like
from mycaffe_py.trained.read_picture import read_picture
from mycaffe_py.trained.snapshot import Snapshot

_SHEET = ".csv"


@dataclass(frozen=True, eq=False)
class InputFile:
    """`array` (C, H, W) before the net's transform, and what was `done` to get it, for people."""

    path: Path
    array: Input
    done: tuple[str, ...]


def input_like(snapshot: Snapshot, asked: Asked | None = None) -> ArraySource:
    """A source of inputs like those the net takes: windows of counters, or pictures.

    Pictures are read as those the net learned, or as `asked`. Errors: that of windows.
    """
    known = snapshot.data
    if known is None or not known.counters:
        return pictures_like(snapshot, asked)
    if asked is not None and asked != Asked():
        raise UserError(
            "--fit, --invert and --range are for pictures",
            wanted=f"this net takes windows of counters, as those of {known.source}",
        )
    counters = Counters.from_json(known.counters)
    window = np.zeros((1, 1, counters.steps, len(counters.names)), np.float32)
    return replace(make_source(known.source, window, np.zeros(1, int)), counters=known.counters)


def read_input(path: Path, like: ArraySource) -> InputFile:
    """Read one file for a net whose inputs are those of `like`.

    Errors: an empty file, no picture, no whole window, a sheet of counters for a net of pictures.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise UserError(f"'{path}' is an empty file")
    if like.counters:
        done: list[str] = []
        window = read_window(path, Counters.from_json(like.counters), done.append)
        return InputFile(path, window, tuple(done))
    if path.suffix.lower() == _SHEET and path.is_file():
        raise UserError(
            f"'{path}' is a sheet of counters",
            wanted=f"this net takes pictures, as those of {like.name}",
        )
    record = PictureRecord.from_json(like.pictures) if like.pictures else None
    drawn = read_picture(path, like.shape, record)
    return InputFile(path, drawn.pixels, drawn.done)


def scaled_anew(array: Input, made_with: str, like: ArraySource) -> Input:
    """A stored window of counters in the scaling of `like`; a picture stays as it is.

    `made_with` is the JSON of the counters it was stored with, "" for pictures.

    Errors: other counters than those the net takes.
    """
    if made_with == like.counters:
        return array
    if not made_with or not like.counters:
        raise UserError("enrolled pictures are for a net of pictures, windows for one of counters")
    old, new = Counters.from_json(made_with), Counters.from_json(like.counters)
    check_same_counters(old, new, "the file of enrolled inputs")
    window = old.unscaled(np.asarray(array, np.float32)[np.newaxis])
    rescaled: Input = new.scaled(window)[0]
    return rescaled


def stacked(arrays: Sequence[Input]) -> Images:
    """(n, C, H, W) of inputs of one shape and type."""
    images: Images = np.asarray(list(arrays))
    return images
