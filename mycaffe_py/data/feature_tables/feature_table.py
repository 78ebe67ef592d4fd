"""A table of features as a source. It is memory-mapped, so it may be of any size.

Rows are (D, 1, 1) images, so that a Data layer gives (N, D, 1, 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.feature_tables.feature_card import (
    DTYPES,
    MAKE_AGAIN,
    TableCard,
    TableFiles,
    read_card,
    table_splits,
)
from mycaffe_py.data.feature_tables.feature_checks import check_base, check_values
from mycaffe_py.data.source_head import SourceHead, make_head
from mycaffe_py.errors import UserError, Where, nearest

LABEL_TYPE = np.dtype("<i8")


@dataclass(frozen=True, eq=False)
class FeatureTable(ArraySource):
    """Features (n, D, 1, 1), float32 or float16, one row or more for each image."""

    card: TableCard = field(kw_only=True)

    @property
    def word(self) -> str:
        """What one item is called."""
        return "row"


def read_table(dataset: str, split: str, where: Where | None = None) -> FeatureTable:
    """Open a table.

    Errors: no such split, a table that is not complete, damaged (a file of another size, a value
    or label that has changed), or stale (its base or its images have changed).
    """
    files, card = _card(dataset, split, where)
    values, labels = _mapped(card, files, where)
    check_values(card, files, values, labels, where)
    check_base(card, where)
    return FeatureTable(
        name=card.name,
        images=values,
        labels=labels,
        label_names=card.label_names,
        checksum=card.checksum,
        description=card.description,
        card=card,
    )


def read_table_head(dataset: str, split: str, where: Where | None = None) -> SourceHead:
    """The head of a table: its card and its labels; the values are not looked at.

    Errors: as `read_table`, except that changes of the values and of the base are not noticed.
    """
    files, card = _card(dataset, split, where)
    values, labels = _mapped(card, files, where)
    numbers, counts = np.unique(labels, return_counts=True)
    return make_head(
        card.name,
        (card.size, 1, 1),
        dict(zip(numbers.tolist(), counts.tolist(), strict=True)),
        dtype=values.dtype,
        label_names=card.label_names,
        checksum=card.checksum,
        description=card.description,
    )


def _card(dataset: str, split: str, where: Where | None) -> tuple[TableFiles, TableCard]:
    files = TableFiles.of(dataset, split)
    if not files.card.exists():
        _explain_missing(dataset, split, files, where)
    return files, read_card(files.card, where)[0]


def _explain_missing(dataset: str, split: str, files: TableFiles, where: Where | None) -> None:
    name = f"{dataset}.{split}"
    if files.started.exists():
        card, done = read_card(files.started, where)
        raise UserError(
            f"feature table '{name}' is not complete: {done:,} of {card.rows:,} rows are there",
            where=where,
            do="The same 'mycaffe features' command goes on where it stopped.",
        )
    raise UserError(
        f"dataset '{dataset}' has no split '{split}'",
        where=where,
        do=nearest(split, table_splits(dataset)),
    )


def _mapped(
    card: TableCard, files: TableFiles, where: Where | None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Values (n, D, 1, 1) and labels (n,), both as large as the card says."""
    if card.dtype not in DTYPES or min(card.images, card.variants, card.size) < 1:
        raise UserError(f"the card of '{card.name}' tells no table", where=where, do=MAKE_AGAIN)
    wanted = {files.rows: card.row_bytes, files.labels: LABEL_TYPE.itemsize}
    for path, row_bytes in wanted.items():
        found = path.stat().st_size if path.exists() else 0
        if found != card.rows * row_bytes:
            raise UserError(
                f"feature table '{card.name}' is damaged: {path} has {found:,} bytes, "
                f"{found // row_bytes:,} rows",
                where=where,
                wanted=f"it was made with {card.rows:,} rows of {row_bytes:,} bytes",
                do=MAKE_AGAIN,
            )
    kind = np.dtype(card.dtype).newbyteorder("<")
    mapped = np.memmap(files.rows, dtype=kind, mode="r", shape=(card.rows, card.size, 1, 1))
    labels = np.fromfile(files.labels, dtype=LABEL_TYPE).astype(np.int64)
    # The plain array behind the map: kernels are not compiled for its subclass.
    return np.asarray(mapped), labels
