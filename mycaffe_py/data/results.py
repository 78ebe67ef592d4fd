"""Floor 2. Test results, kept in the image database beside the images they are about."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data import builtin
from mycaffe_py.data.database_checks import check_tables
from mycaffe_py.data.database_reading import reading, source_number
from mycaffe_py.data.place import dataset_path, split_source_name
from mycaffe_py.errors import UserError


@dataclass(frozen=True, eq=False)
class Results:
    """What a net said of images: their records (n,), labels given (n,), and values (n, D)."""

    records: NDArray[np.int64]
    labels: NDArray[np.int64]
    values: NDArray[np.float32]


def record_results(source: str, snapshot: str, results: Results) -> None:
    """Store the results of `snapshot` on `source`, in place of earlier ones of the same two.

    Errors: a built-in dataset, which cannot be written; a dataset file that cannot be.
    """
    dataset, split = split_source_name(source)
    if dataset in builtin.NAMES:
        raise UserError(f"'{dataset}' is built in, so results cannot be stored with it")
    path = dataset_path(dataset)
    with reading(path) as connection:
        number = source_number(connection, dataset, split)
    rows = [
        (number, index, snapshot, label, values.astype("<f4").tobytes())
        for index, label, values in zip(
            results.records.tolist(), results.labels.tolist(), results.values, strict=True
        )
    ]
    try:
        with closing(sqlite3.connect(path)) as connection, connection:
            check_tables(connection)
            connection.execute(
                "DELETE FROM results WHERE source_id = ? AND snapshot = ?", (number, snapshot)
            )
            connection.executemany(
                "INSERT INTO results (source_id, idx, snapshot, label, data)"
                " VALUES (?, ?, ?, ?, ?)",
                rows,
            )
    except sqlite3.Error as error:
        raise UserError(f"results could not be stored in {path}: {error}") from error


def read_results(source: str, snapshot: str) -> Results:
    """Results of `snapshot` on `source`, in order of their records; none gives empty arrays."""
    dataset, split = split_source_name(source)
    with reading(dataset_path(dataset)) as connection:
        number = source_number(connection, dataset, split)
        rows = connection.execute(
            "SELECT idx, label, data FROM results WHERE source_id = ? AND snapshot = ?"
            " ORDER BY idx",
            (number, snapshot),
        ).fetchall()
        values = [np.frombuffer(data, dtype="<f4").astype(np.float32) for _, _, data in rows]
    return Results(
        records=np.array([index for index, _, _ in rows], dtype=np.int64),
        labels=np.array([label for _, label, _ in rows], dtype=np.int64),
        values=np.stack(values) if values else np.empty((0, 0), dtype=np.float32),
    )
