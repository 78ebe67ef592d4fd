"""A table of features is written so that a kill at any moment costs a second of work."""

from __future__ import annotations

import contextlib
import importlib
import os
import time
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import source_checksum
from mycaffe_py.data.feature_tables.feature_card import TableCard, TableFiles, another, read_card
from mycaffe_py.data.feature_tables.feature_table import LABEL_TYPE
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.atomic import write_atomically

# Rows are made safe at most this often: to wait for the disk takes some 10 ms each time.
COMMIT_S = 1.0


class TableWriter:
    """Appends rows to `<split>.rows` and notes in `<split>.started.json` how many are on the disk.

    Rows are flushed to the disk before they are noted, and what was not noted is cut off when the
    work goes on; batches begin at fixed rows, so the bytes do not depend on kills. `done` counts
    the rows that are there. Only one process may write a table.
    """

    def __init__(
        self,
        files: TableFiles,
        card: TableCard,
        labels: NDArray[np.int64],
        commit_s: float = COMMIT_S,
        advice: str = "Check the weights.",
    ) -> None:
        """Begin, or go on with what another process began for the same card.

        `advice` is given where a value is not finite.
        Errors: a table begun for another card, one that is being written.
        """
        self.files = files
        self.card = card
        self.commit_s = commit_s
        self._advice = advice
        self._kind = np.dtype(card.dtype).newbyteorder("<")
        files.rows.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(files.rows, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            self._lock()
            self.done = self._begun(labels)
            self._file.truncate(self.done * card.row_bytes)
            self._file.seek(0, os.SEEK_END)
        except BaseException:
            self._file.close()
            raise
        self._committed = time.monotonic()

    def _lock(self) -> None:
        """A lock that ends with the process, however that ends."""
        try:
            fcntl: Any = importlib.import_module("fcntl")
        except ImportError:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"feature table '{self.card.name}' is being written by another process",
                do="Wait for it to end.",
            ) from error

    def _begun(self, labels: NDArray[np.int64]) -> int:
        """How many rows of an earlier, unfinished run can be kept."""
        for left in self.files.rows.parent.glob(f".{self.files.rows.stem}.*"):
            left.unlink()
        if self.files.started.exists():
            card, done = read_card(self.files.started)
            wrong = self.card.differs(card)
            if wrong and done:
                raise UserError(
                    f"feature table '{card.name}' was begun with {another(wrong)}: "
                    f"{done:,} of {card.rows:,} rows are there",
                    do="Use the same options to go on, or --force to begin anew.",
                )
            if wrong:
                return self._anew(labels)
            there = self._file.seek(0, os.SEEK_END) // self.card.row_bytes
            return done if done <= there else there - there % self.card.batch
        return self._anew(labels)

    def _anew(self, labels: NDArray[np.int64]) -> int:
        write_atomically(self.files.labels, labels.astype(LABEL_TYPE).tobytes())
        self._note(0)
        return 0

    def append(self, values: NDArray[Any]) -> None:
        """Add rows (m, D); from time to time all are made safe."""
        with np.errstate(over="ignore"):
            stored = np.ascontiguousarray(values, dtype=self._kind)
        self._check_finite(stored)
        try:
            self._file.write(stored.data)
            self.done += len(values)
            if time.monotonic() - self._committed >= self.commit_s:
                self.commit()
        except OSError as error:
            raise self._failure(error) from error

    def _check_finite(self, stored: NDArray[Any]) -> None:
        wrong = np.flatnonzero(~np.isfinite(stored).all(axis=1))
        if not len(wrong):
            return
        image = (self.done + int(wrong[0])) // self.card.variants
        half = self.card.dtype == "float16"
        raise MyCaffeError(
            f"the features of image {image} of {self.card.source} hold NaN or infinity",
            wanted=f"in {self.card.dtype} they must be finite",
            do="float16 ends at 65504: try --dtype float32." if half else self._advice,
        )

    def commit(self) -> None:
        """Flush all rows to the disk, then note them."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error
        self._note(self.done)
        self._committed = time.monotonic()

    def _failure(self, error: OSError) -> MyCaffeError:
        return MyCaffeError(
            f"cannot write {self.files.rows}: {error.strerror or error}",
            do="Make room; the same command then goes on where it stopped.",
        )

    def _note(self, done: int) -> None:
        write_atomically(self.files.started, self.card.text(done=done))

    def finish(self, labels: NDArray[np.int64], progress: Any = None) -> TableCard:
        """Take the checksum of all that was written, and write the card."""
        self.commit()
        shape = (self.card.rows, self.card.size, 1, 1)
        rows = np.memmap(self.files.rows, dtype=self._kind, mode="r", shape=shape)
        card = replace(self.card, checksum=source_checksum(np.asarray(rows), labels, progress))
        write_atomically(self.files.card, card.text())
        self.files.started.unlink()
        return card

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what was made so far, unless the disk is what failed."""
        if error is not None and not isinstance(error, MyCaffeError):
            with contextlib.suppress(MyCaffeError):
                self.commit()
        with contextlib.suppress(OSError):
            self._file.close()


def remove_table(files: TableFiles) -> None:
    """Remove a split, its card first: what is left after a kill is no table."""
    for path in (files.card, files.started, files.labels, files.rows):
        path.unlink(missing_ok=True)
