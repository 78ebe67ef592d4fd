"""Caffe's LMDB and LevelDB folders, opened for reading; nothing is loaded beforehand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from mycaffe_py.data.caffe_stores.lmdb_reading import LmdbError, LmdbFile, LmdbPlace
from mycaffe_py.data.caffe_stores.record_cursor import Walk
from mycaffe_py.data.looked_for import looked_for, no_folder
from mycaffe_py.errors import UserError, Where
from mycaffe_py.optional import optional

# The file that only a folder of this kind has.
_SIGNS = {"LMDB": "data.mdb", "LEVELDB": "CURRENT"}
# The module that reads LevelDB, by the name that setup.py installs it under for this Python.
PLYVEL = "plyvel_next" if sys.version_info >= (3, 13) else "plyvel"
_NAMES = {"LMDB": "LMDB", "LEVELDB": "LevelDB"}


class _Open:
    """A LevelDB folder, opened once for all readers: its library refuses to open it twice."""

    def __init__(self, handle: Any, errors: tuple[type[Exception], ...]) -> None:
        self.handle = handle
        self.errors = errors


_opened: WeakValueDictionary[Path, _Open] = WeakValueDictionary()


class _LmdbCursor:
    """Steps over the records of one file; a damaged one may announce more than there are."""

    errors: tuple[type[Exception], ...] = (LmdbError,)

    def __init__(self, file: LmdbFile) -> None:
        self._file = file
        self._place = file.first()
        self._seen: dict[bytes, tuple[int, LmdbPlace]] = {}
        self._number = 0

    def first(self) -> bool:
        self._place = self._file.first()
        self._number = 0
        return self._place is not None

    def next(self) -> bool:
        self._place = self._file.after(self._here())
        self._number += 1
        if (self._place is None) != (self._number >= self._file.records):
            raise LmdbError(f"it announces {self._file.records} records and holds others")
        return self._place is not None

    def seek(self, key: bytes) -> bool:
        """Go back to the record of `key`."""
        self._number, self._place = self._seen[key]
        return True

    def key(self) -> bytes:
        here = self._here()
        key = self._file.key(here)
        self._seen[key] = self._number, here
        return key

    def value(self) -> bytes:
        return self._file.value(self._here())

    def _here(self) -> LmdbPlace:
        if self._place is None:
            raise LmdbError("its records end too early")
        return self._place


class _LevelCursor:
    def __init__(self, opened: _Open) -> None:
        self.errors = opened.errors
        self._opened = opened
        self._cursor = opened.handle.raw_iterator(verify_checksums=True)

    def first(self) -> bool:
        self._cursor.seek_to_first()
        return bool(self._cursor.valid())

    def next(self) -> bool:
        self._cursor.next()
        return bool(self._cursor.valid())

    def seek(self, key: bytes) -> bool:
        self._cursor.seek(key)
        return bool(self._cursor.valid())

    def key(self) -> bytes:
        return bytes(self._cursor.key())

    def value(self) -> bytes:
        return bytes(self._cursor.value())


def store_kind(folder: Path) -> str:
    """ "LMDB", "LEVELDB", or "" where `folder` is neither."""
    return next((kind for kind, sign in _SIGNS.items() if (folder / sign).is_file()), "")


def open_records(folder: Path, kind: str = "", where: Where | None = None) -> Walk:
    """The records of `folder` in the order of their keys; without a `kind` it is found out.

    Errors: no such folder, a folder of another kind, a damaged or truncated one, a package that is
    missing.
    """
    found = store_kind(folder)
    wanted = kind or found
    if not folder.is_dir():
        raise missing_store(folder, wanted, where)
    if not found:
        signs = " or ".join(f"'{_SIGNS[k]}'" for k in ([kind] if kind else _SIGNS))
        raise UserError(
            f"{folder} is no {_NAMES.get(kind, 'LMDB or LevelDB')} folder",
            where=where,
            wanted=f"it has no file {signs}",
        )
    if found != wanted:
        raise UserError(
            f"{folder} holds a {_NAMES[found]} store", where=where, do=f"Say backend: {found}."
        )
    return _walk_lmdb(folder, where) if found == "LMDB" else _walk_leveldb(folder, where)


def missing_store(folder: Path, kind: str, where: Where | None) -> UserError:
    """The error of a folder that is not there."""
    lmdb = "'mycaffe dataset export NAME lmdb FOLDER' makes one. " if kind == "LMDB" else ""
    return UserError(
        no_folder(folder),
        where=where,
        do=f"{looked_for(folder, where)} {lmdb}From pictures or MNIST's files 'mycaffe dataset "
        'create\' makes a data set, whose splits are sources: source: "NAME.training".',
    )


def _walk_lmdb(folder: Path, where: Where | None) -> Walk:
    try:
        file = LmdbFile(folder / _SIGNS["LMDB"])
        return Walk(_LmdbCursor(file), folder, file.records, where)
    except (OSError, LmdbError) as error:
        raise UserError(
            f"{folder} is no LMDB folder or damaged: {error}",
            where=where,
            do="Copy or make it again.",
        ) from error


def _walk_leveldb(folder: Path, where: Where | None) -> Walk:
    plyvel = optional(PLYVEL, "leveldb", f"the LevelDB folder {folder}", where)
    place = folder.resolve()
    opened = _opened.get(place)
    try:
        if opened is None:
            opened = _Open(plyvel.DB(str(place), create_if_missing=False), (plyvel.Error,))
            _opened[place] = opened
        return Walk(_LevelCursor(opened), folder, None, where)
    except plyvel.Error as error:
        raise UserError(
            f"LevelDB folder {folder} cannot be opened: {error}",
            where=where,
            do="It can be open in one process only, which must be allowed to write in it.",
        ) from error
