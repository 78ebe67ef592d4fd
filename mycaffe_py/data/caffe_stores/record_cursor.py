"""The records of a key-value store by number, in the order of their keys."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from mycaffe_py.errors import UserError, Where

# A key is remembered each so many records, so that going back need not start at the first one:
# 1200 keys for ImageNet.
_MARK_EVERY = 1024


class Cursor(Protocol):
    """A place in a store; the moves say whether there is a record."""

    errors: tuple[type[Exception], ...]

    def first(self) -> bool:
        """Go to the first record."""

    def next(self) -> bool:
        """Go to the next record."""

    def seek(self, key: bytes) -> bool:
        """Go to the record of `key`."""

    def key(self) -> bytes:
        """Key of the record here."""

    def value(self) -> bytes:
        """Content of the record here."""


class Walk:
    """Reads record `number`, modulo the number of records, moving a cursor as little as it can.

    `count` is None while a store that does not know it (LevelDB) has not been walked to its end.
    Errors: an empty store, and whatever the store finds wrong with itself.
    """

    def __init__(
        self, cursor: Cursor, folder: Path, count: int | None, where: Where | None
    ) -> None:
        self.cursor = cursor
        self.folder = folder
        self.count = count
        self.where = where
        self._place = 0
        self._marks: list[bytes] = []
        try:
            if not cursor.first():
                raise UserError(f"{folder} holds no records", where=where)
            self._marks.append(cursor.key())
        except cursor.errors as error:
            raise self._damaged(error) from error

    def value(self, number: int) -> bytes:
        """Content of record `number` >= 0."""
        try:
            self._go(number if self.count is None else number % self.count)
            return self.cursor.value()
        except self.cursor.errors as error:
            raise self._damaged(error) from error

    def length(self) -> int:
        """Number of records; walks to the end where the store does not know it."""
        try:
            while self.count is None:
                self._go(self._place + 1)
            return self.count
        except self.cursor.errors as error:
            raise self._damaged(error) from error

    def _go(self, number: int) -> None:
        mark = min(number // _MARK_EVERY, len(self._marks) - 1)
        if number < self._place or mark * _MARK_EVERY > self._place:
            self.cursor.seek(self._marks[mark])
            self._place = mark * _MARK_EVERY
        while self._place < number:
            if not self.cursor.next():
                self.count = self._place + 1
                # The cursor has left the store: no record is nearer than a marked one.
                self.cursor.seek(self._marks[0])
                self._place = 0
                self._go(number % self.count)
                return
            self._place += 1
            if self._place == len(self._marks) * _MARK_EVERY:
                self._marks.append(self.cursor.key())

    def _damaged(self, error: Exception) -> UserError:
        return UserError(
            f"{self.folder} is damaged: {error}", where=self.where, do="Copy or make it again."
        )
