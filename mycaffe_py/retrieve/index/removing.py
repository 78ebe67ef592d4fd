"""Rows are taken out of an index, or the index is removed; pictures stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.build import Built, rows_themselves, write_change
from mycaffe_py.retrieve.index.helping import Wanted
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.index_card import (
    alone,
    index_folder,
    read_index_card,
    remove_others,
)
from mycaffe_py.retrieve.index.items import home_of
from mycaffe_py.retrieve.index.merging import Numbers, without


def remove_from_index(name: str, targets: Sequence[str], label: str = "") -> Built:
    """Take out rows by their paths, folders, data sets, or their `label`; files stay.

    Errors: no row is meant, or all are.
    """
    read_index_card(name)
    with alone(name):
        index = Index.open(name)
        card = index.card_on_disk
        gone = np.zeros(len(index), np.bool_)
        if label:
            gone |= np.array([index.label(row) == label for row in range(len(index))], np.bool_)
            _check_meant(gone, f"the label '{label}'", name)
        for target in targets:
            whole = _whole(target)
            own = np.array([_is_at(one.path, target, whole) for one in index.entries], np.bool_)
            _check_meant(own, f"'{target}'", name)
            gone |= own
        if gone.all():
            raise UserError(
                f"no row of index '{name}' would be left",
                do=f"'mycaffe index remove {name} --all' removes the index itself.",
            )
        made = without(index.entries, index.labels, gone)
        away = {_whole(one) for one in targets}
        card = replace(
            card,
            roots=tuple(root for root in card.roots if root not in away),
            sources=tuple(one for one in card.sources if one not in targets),
        )
        numbers = Numbers(index.label_names)
        return write_change(card, made, numbers, index.rows, rows_themselves, Wanted())


def delete_index(name: str) -> Path:
    """Remove an index, also one that is damaged. Errors: there is none."""
    folder = index_folder(name)
    if not folder.is_dir():
        read_index_card(name)
    with alone(name):
        remove_others(name, None)
    return folder


def _whole(target: str) -> str:
    """The path by which an index calls a file or folder."""
    path = Path(target)
    return str(path.resolve() if path.is_dir() else home_of(path))


def _is_at(path: str, target: str, whole: str) -> bool:
    """Whether a row is the file, the record, or below the folder or data set `target`."""
    record = path == target or path.rpartition(":")[0] == target
    return record or path == whole or Path(path).is_relative_to(whole)


def _check_meant(own: NDArray[np.bool_], what: str, name: str) -> None:
    if not own.any():
        raise UserError(f"no row of index '{name}' is of {what}", do="Nothing is changed.")
