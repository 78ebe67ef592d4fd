"""Checks that a table of features, and the files it was made from, have not changed.

No large file is read twice: its checksum is kept with its size and times (in `.checked` of the
data folder), and computed again only when one of these has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images, source_checksum
from mycaffe_py.data.dataset_lookup import holder_of
from mycaffe_py.data.dataset_paths import data_folder, split_source_name
from mycaffe_py.data.feature_tables.feature_card import MAKE_AGAIN, TableCard, TableFiles
from mycaffe_py.errors import MyCaffeError, UserError, Where
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import load_json, read_bounded
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.proto.model_text import read_net_file
from mycaffe_py.proto.mycaffe_pb2 import NetParameter

_TABLE, _WEIGHTS = "table", "weights"
# Rows looked at in one go.
_ROWS = 1024


class Sums:
    """Checksums of files, remembered with the files' sizes and times; a folder that cannot be
    written only costs time."""

    def __init__(self, name: str) -> None:
        self._path = data_folder() / ".checked" / f"{name}.json"
        self._known: dict[str, object] = {}
        with contextlib.suppress(OSError, DamagedError):
            known = load_json(read_bounded(self._path))
            self._known = known if isinstance(known, dict) else {}

    def of(self, what: str, files: Sequence[Path], compute: Callable[[], str]) -> str:
        """The sum of `files`, computed only if one of them has changed."""
        known = self._known.get(what)
        stamp = times_of(files)
        if isinstance(known, list) and len(known) == 2 and known[0] == stamp:
            return str(known[1])
        found = compute()
        self.remember(what, stamp, found)
        return found

    def remember(self, what: str, stamp: list[list[object]], found: str) -> None:
        """Keep the sum `found` of files with these sizes and times."""
        self._known[what] = [stamp, found]
        with contextlib.suppress(MyCaffeError):
            write_atomically(self._path, json.dumps(self._known).encode())


def times_of(files: Sequence[Path]) -> list[list[object]]:
    """Sizes and times of files: while they stay, so does the content, as far as can be told."""
    found = [(path, path.stat()) for path in files]
    return [[str(p), s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino] for p, s in found]


def check_values(
    card: TableCard,
    files: TableFiles,
    values: Images,
    labels: NDArray[np.int64],
    where: Where | None,
) -> None:
    """Refuse a table whose labels or values are not those it was made with."""
    found = Sums(card.name).of(
        _TABLE, (files.rows, files.labels), lambda: _checked_sum(card, files, values, labels)
    )
    if found != card.checksum:
        raise UserError(
            f"feature table '{card.name}' is damaged: sha256 {found} ({files.rows})",
            where=where,
            wanted=f"it was made with {card.checksum}",
            do=MAKE_AGAIN,
        )


def _checked_sum(
    card: TableCard, files: TableFiles, values: Images, labels: NDArray[np.int64]
) -> str:
    """The checksum of a table. Errors: it is the right one, but a value is not finite."""
    found = source_checksum(values, labels)
    if found != card.checksum:
        return found
    for first in range(0, len(values), _ROWS):
        part = values[first : first + _ROWS]
        wrong = np.flatnonzero(~np.isfinite(part.reshape(len(part), -1)).all(axis=1))
        if len(wrong):
            raise UserError(
                f"row {first + int(wrong[0])} of feature table '{card.name}' holds NaN or infinity "
                f"({files.rows})",
                wanted="nothing can be learned from such features",
                do=MAKE_AGAIN,
            )
    return found


def trust_values(card: TableCard, files: TableFiles) -> None:
    """Remember the sum of a table that was just made, so that it is not read again to be opened."""
    Sums(card.name).remember(_TABLE, times_of((files.rows, files.labels)), card.checksum)


def check_base(card: TableCard, where: Where | None) -> None:
    """Refuse a stale table, one whose model, weights or images have changed since it was made.

    What no longer exists cannot be compared; the table is then used as it is.
    """
    base = card.base
    known = {
        f"its weights, {base.weights}, have": (base.weights_checksum, _weights_sum(card)),
        f"its model, {base.model}, has": (base.model_checksum, _model_sum(base.model, where)),
        f"the images of {card.source} have": (
            card.source_checksum,
            stored_checksum(card.source),
        ),
    }
    for what, (made, now) in known.items():
        if now is not None and now != made:
            raise UserError(
                f"feature table '{card.name}' is stale: {what} changed since it was made",
                where=where,
                wanted=f"sha256 was {made[:16]}... and is {now[:16] or 'none'}...",
                do=MAKE_AGAIN,
            )


def file_sum(path: Path) -> str:
    """sha256 of a file. Errors: a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error


def message_sum(net: NetParameter) -> str:
    """sha256 of what a model text says, whatever its layout and comments."""
    return hashlib.sha256(net.SerializeToString(deterministic=True)).hexdigest()


def stored_checksum(name: str) -> str | None:
    """The checksum a source was made with; None where its dataset is not there."""
    dataset, split = split_source_name(name)
    holder = holder_of(dataset)
    return None if holder is None else holder.stored_checksum(dataset, split)


def _weights_sum(card: TableCard) -> str | None:
    path = Path(card.base.weights)
    if not path.is_file():
        return None
    return Sums(card.name).of(_WEIGHTS, (path,), lambda: file_sum(path))


def _model_sum(file: str, where: Where | None) -> str | None:
    if not file or not Path(file).is_file():
        return None
    try:
        return message_sum(read_net_file(file).message)
    except UserError as error:
        raise UserError(
            f"the model a feature table was made with can no longer be read: {error}", where=where
        ) from error
