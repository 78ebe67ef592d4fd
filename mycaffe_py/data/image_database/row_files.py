"""The files beside a dataset file NAME.sqlite that hold its images, in the folder NAME.rows.

A split's images lie in a file of their own: either rows, one image (C, H, W) behind the other,
little-endian and nothing else, or pictures, the bytes of a JPEG or PNG behind those of the one
before. The file is named after the checksum of its split, and the dataset file tells its name. So
whoever has opened the old data set keeps its images, and a new one is there when the dataset file
is. What no dataset file tells of is removed by the next process that writes.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.dataset_paths import SUFFIX
from mycaffe_py.errors import UserError
from mycaffe_py.files.lock import locked

ROWS, PICTURES = "rows", "pictures"
FORMS = (ROWS, PICTURES)
# What a creation that was interrupted goes on with, and the file that tells how far it came.
STARTED = "started"
STATE = "state.npz"
_FOLDER = ".rows"
_LOCK = "lock"
# Two trainings that begin together both make the set they need; a small one is soon written.
_WAIT_S = 60.0


def rows_folder(path: Path) -> Path:
    """The folder of the dataset file `path`; where that is a link, of the file behind it."""
    real = path.resolve()
    return real.with_name(f"{real.name.removesuffix(SUFFIX)}{_FOLDER}")


def file_name(split: str, checksum: str, form: str) -> str:
    """Name of the file that holds a split's images."""
    return f"{split}.{checksum[:16]}.{form}"


@contextmanager
def writing(path: Path, wait_s: float = _WAIT_S) -> Iterator[Path]:
    """Be the only one who writes the dataset file `path`; yields the folder of its images.

    At the end the files in there that no dataset file tells of are removed.
    Errors: another process writes it and does not end within `wait_s`; whatever the disk refuses.
    """
    folder = rows_folder(path)
    name = path.name.removesuffix(SUFFIX)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = folder / _LOCK
        with locked(lock, f"dataset '{name}'", do="Wait for it to end.", wait_s=wait_s):
            try:
                yield folder
            finally:
                _prune(path, folder)
                if not (folder / STARTED / STATE).exists():
                    forget_started(folder)
    except (OSError, sqlite3.Error) as error:
        kept = (folder / STARTED / STATE).exists()
        raise UserError(
            f"dataset file {path} could not be written: {error}",
            do="Free some space or set MYCAFFE_DATA to a folder you may write to."
            + (
                f" With space, the same command goes on with what it has read ({folder / STARTED})."
                if kept
                else ""
            ),
        ) from error
    finally:
        # Only where nothing was made.
        with suppress(OSError):
            folder.rmdir()


def _prune(path: Path, folder: Path) -> None:
    with suppress(OSError, sqlite3.Error):
        told = _told(path)
        for file in folder.iterdir():
            if file.suffix.removeprefix(".") in FORMS and file.name not in told:
                file.unlink()


def _told(path: Path) -> set[str]:
    """Names of the files that the dataset file tells of."""
    if not path.exists():
        return set()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "stored" not in tables:
            return set()
        return {str(name) for (name,) in connection.execute("SELECT file FROM stored")}


def remove_rows(path: Path) -> None:
    """Remove the folder of the dataset file `path`, if there is one. Errors: OSError."""
    folder = rows_folder(path)
    if folder.is_dir():
        shutil.rmtree(folder)


def forget_started(folder: Path) -> None:
    """Remove what an interrupted creation would have gone on with."""
    shutil.rmtree(folder / STARTED, ignore_errors=True)


def file_in(folder: Path, name: str) -> Path:
    """The file `name` of a dataset file's folder. Errors: a name that leads out of it."""
    if Path(name).name != name or name in ("", ".", ".."):
        raise sqlite3.DatabaseError(f"its images are said to be in '{name}'")
    return folder / name


def mapped_rows(file: Path, count: int, shape: tuple[int, int, int], kind: Any) -> NDArray[Any]:
    """Images (n, C, H, W) of a file of rows, which is mapped and not read.

    Errors: FileNotFoundError, sqlite3.DatabaseError where the file has another size.
    """
    stored = np.dtype(kind).newbyteorder("<")
    wanted = count * int(np.prod(shape, dtype=object)) * stored.itemsize
    check_size(file, wanted)
    mapped = np.memmap(file, dtype=stored, mode="r", shape=(count, *shape))
    # The plain array behind the map: kernels are not compiled for its subclass.
    return np.asarray(mapped)


def check_size(file: Path, wanted: int) -> None:
    """Errors: FileNotFoundError; sqlite3.DatabaseError where `file` has another size."""
    found = file.stat().st_size
    if found != wanted:
        raise sqlite3.DatabaseError(f"{file} has {found:,} bytes, {wanted:,} are announced")
