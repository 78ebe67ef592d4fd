"""Omniglot: 1,623 characters of 50 alphabets, each drawn by 20 people, from its usual files."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.looked_for import no_folder
from mycaffe_py.data.pictures.picture import UnreadableError, read_as
from mycaffe_py.data.pictures.picture_record import (
    LIGHT_BORDERS,
    LIGHT_ON_DARK,
    PictureRecord,
)
from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError, Where, reason_of
from mycaffe_py.files.plain_file import read_plain

DESCRIPTION = "Omniglot (Lake, Salakhutdinov, Tenenbaum), characters drawn by hand"
# What is found under each of these names, a folder or a .zip, becomes a split.
_PARTS = {"training": "images_background", "testing": "images_evaluation"}
_WANTED = "folders or zips images_background and images_evaluation, each ALPHABET/CHARACTER/*.png"
_HOW_TO_GET = "Both come from github.com/brendenlake/omniglot, folder python."
# Omniglot's pictures have some 300 bytes.
_MOST_BYTES = 1 << 20


def make_sources(folder: Path, name: str, size: int, fit: str) -> dict[str, ArraySource]:
    """Both splits, white on black, (1, size, size). Labels count on from split to split.

    Errors: a part that is not there, files that cannot be read.
    """
    if not folder.is_dir():
        raise UserError(no_folder(folder), wanted=_WANTED, do=_HOW_TO_GET)
    record = PictureRecord(size, size, True, fit, LIGHT_ON_DARK, LIGHT_BORDERS)
    sources, first = {}, 0
    for split, part in _PARTS.items():
        images, labels, names = _read(folder, part, record)
        named = {first + place: one for place, one in enumerate(names)}
        source = make_source(f"{name}.{split}", images, labels + first, named, DESCRIPTION)
        sources[split] = dataclasses.replace(source, pictures=record.to_json())
        first += len(names)
    return sources


def _read(
    folder: Path, part: str, record: PictureRecord
) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[str]]:
    """Images (n, 1, H, W), labels (n,) and what each label is: "Alphabet/character"."""
    images, labels = [], []
    names: list[str] = []
    with Progress(None, "image", part) as bar:
        for where, character, data in _pictures(folder, part):
            if not names or names[-1] != character:
                names.append(character)
            try:
                images.append(read_as(data, record).pixels)
            except UnreadableError as error:
                raise UserError(f"this picture cannot be read: {error}", where=where) from error
            labels.append(len(names) - 1)
            bar.update(1)
    if not images:
        raise UserError(f"{folder / part} has no picture", wanted=_WANTED, do=_HOW_TO_GET)
    return np.stack(images), np.array(labels, np.int64), names


def _pictures(folder: Path, part: str) -> Iterator[tuple[Where, str, bytes]]:
    """Place, character and bytes of all pictures of a part, by their names."""
    plain, packed = folder / part, folder / f"{part}.zip"
    try:
        if plain.is_dir():
            for path in sorted(plain.rglob("*.png")):
                yield (
                    Where(str(path)), _character(PurePosixPath(path.as_posix())), read_plain(path)
                )  # fmt: skip
        elif packed.is_file():
            yield from _unpacked(packed)
        else:
            raise UserError(f"{plain}[.zip] is missing", wanted=_WANTED, do=_HOW_TO_GET)
    except OSError as error:
        raise UserError(f"{plain} cannot be read: {reason_of(error)}") from error


def _unpacked(packed: Path) -> Iterator[tuple[Where, str, bytes]]:
    try:
        with zipfile.ZipFile(packed) as store:
            infos = [info for info in store.infolist() if info.filename.endswith(".png")]
            # Packed on a Mac, a zip has a second file beside each, without a picture in it.
            own = [info for info in infos if not info.filename.startswith("__MACOSX")]
            for info in sorted(own, key=lambda info: info.filename):
                where = Where(f"{packed}/{info.filename}")
                if info.file_size > _MOST_BYTES:
                    raise UserError(
                        f"a picture of {info.file_size:,} bytes",
                        where=where,
                        wanted=f"{_MOST_BYTES:,} at most; Omniglot's have a few hundred",
                    )
                yield where, _character(PurePosixPath(info.filename)), store.read(info)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        raise UserError(
            f"the zip file cannot be read: {error}", where=Where(str(packed)), do="Fetch it again."
        ) from error


def _character(path: PurePosixPath) -> str:
    return "/".join(path.parts[-3:-1])
