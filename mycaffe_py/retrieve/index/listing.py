"""`mycaffe index list`: the indexes that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.printable import one_line
from mycaffe_py.retrieve.index.entries import shown_path
from mycaffe_py.retrieve.index.index_card import (
    IndexCard,
    index_folder,
    index_names,
    read_index_card,
)


@dataclass(frozen=True)
class Listed:
    """The cards of indexes, and the names of those that are damaged."""

    cards: tuple[IndexCard, ...]
    damaged: tuple[tuple[str, str], ...] = ()

    def lines(self) -> list[str]:
        """For people."""
        if not self.cards and not self.damaged:
            return [f"There is no index in {data_folder()}. 'mycaffe index create' makes one."]
        told = [line for card in self.cards for line in _lines(card)]
        return told + [one_line(f"{name}: {why}") for name, why in self.damaged]

    def as_json(self) -> list[dict[str, Any]]:
        """For machines."""
        told: list[dict[str, Any]] = [
            {
                "name": card.name,
                "rows": card.rows,
                "size": card.size,
                "metric": "cosine" if card.cosine else "squared",
                "blob": card.base.blob,
                "weights": card.base.weights,
                "folders": list(card.roots),
                "sources": list(card.sources),
                "labels": list(card.label_names.values()),
                "path": str(index_folder(card.name)),
            }
            for card in self.cards
        ]
        return told + [{"name": name, "error": why} for name, why in self.damaged]


def listed(name: str | None) -> Listed:
    """All indexes, or the one of that `name`. Errors: there is none of that name."""
    if name is not None:
        return Listed((read_index_card(name),))
    cards, damaged = [], []
    for one in index_names():
        try:
            cards.append(read_index_card(one))
        except UserError as error:
            damaged.append((one, str(error)))
    return Listed(tuple(cards), tuple(damaged))


def _lines(card: IndexCard) -> list[str]:
    kind = "1 - cosine" if card.cosine else "squared distances"
    count = len(card.label_names)
    places = ", ".join([*map(shown_path, card.roots), *card.sources]) or "single files"
    return [
        one_line(line)
        for line in (
            f"{card.name}: {card.rows:,} {plural(card.rows, 'row')} of {card.size} values, "
            f"{count} {plural(count, 'label')}, {kind}",
            f"  of {places}",
            f"  by blob '{card.base.blob}' of {shown_path(card.base.weights)}",
        )
    ]
