"""What a page sends - a drawing, a picture, a window of counters - read as the command does."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.data.pictures.picture_file import opened_picture
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.trained.inputs import InputFile, read_input

MOST_PIXELS = 16_000_000
_MOST_NAME = 80


class GivenFiles:
    """Brings what is sent into a file of its own, so that it is read as any file of the user."""

    def __init__(self) -> None:
        """With a folder that goes away with the process."""
        self._folder = TemporaryDirectory(prefix="mycaffe-asked-")

    def read(self, data: object, name: object, like: ArraySource) -> InputFile:
        """The input in `data` (base64) for a net whose inputs are those of `like`.

        Errors: as of `read_input`, told of `name`; more than 16 million pixels.
        """
        called = plain_name(name)
        path = Path(self._folder.name) / ("given.csv" if called.endswith(".csv") else "given")
        try:
            path.write_bytes(base64.b64decode(str(data), validate=True))
        except binascii.Error as error:
            raise UserError("the page sent no picture", do="Reload it.") from error
        try:
            if not like.counters:
                _check_size(path)
            found = read_input(path, like)
        except MyCaffeError as error:
            raise _told_of(error, str(path), called) from error
        finally:
            path.unlink(missing_ok=True)
        return replace(found, path=Path(called))


def plain_name(name: object) -> str:
    """The last part of what a browser calls a file, printable and not too long."""
    last = PurePosixPath(str(name or "").replace("\\", "/")).name
    kept = "".join(letter for letter in last if letter.isprintable())[-_MOST_NAME:]
    return kept or "drawing"


def _check_size(path: Path) -> None:
    """Errors: a picture of so many pixels that it would take the memory of all others.

    What is no picture at all is told by the reader.
    """
    try:
        with opened_picture(path, MOST_PIXELS):
            pass
    except UnreadableError as error:
        if "pixels are more" in str(error):
            raise UserError(f"'{path}' cannot be read: {error}", do="Make it smaller.") from error


def _told_of(error: MyCaffeError, path: str, called: str) -> UserError:
    where = error.where
    if where is not None:
        where = replace(where, file=where.file.replace(path, called))
    parts = [part.replace(path, called) for part in (error.found, error.wanted, error.do)]
    return UserError(parts[0], where=where, wanted=parts[1], do=parts[2])
