"""An index is made, gets more rows, or fewer: always the whole change or none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.features.feature_base import FrozenBase
from mycaffe_py.retrieve.index.cards import (
    card_of_net,
    card_of_table,
    usual_name,
    with_places,
)
from mycaffe_py.retrieve.index.entries import shown_path
from mycaffe_py.retrieve.index.fresh_rows import Unreadable, fresh_rows
from mycaffe_py.retrieve.index.helping import Wanted, help_to_add, help_to_create, net_items, net_of
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.index_card import (
    IndexCard,
    alone,
    card_path,
    index_folder,
    read_index_card,
)
from mycaffe_py.retrieve.index.index_net import embedder_of
from mycaffe_py.retrieve.index.items import (
    features_of,
    items_of,
    place_of,
)
from mycaffe_py.retrieve.index.merging import NO_LABEL, Changes, Merged, Numbers, merged
from mycaffe_py.retrieve.index.writing import write_index
from mycaffe_py.solver.team import ALONE, Team, in_turn


@dataclass(frozen=True)
class Built:
    """The index as it is now, what has changed, and what could not be read."""

    index: Index
    changes: Changes
    unread: tuple[Unreadable, ...] = ()

    def lines(self) -> list[str]:
        """For people."""
        count = len(self.index)
        return [
            f"index {self.index.name}: {self.changes.words()}",
            f"{count:,} {plural(count, 'row')} of {self.index.rows.shape[1]} values by blob "
            f"'{self.index.card_on_disk.base.blob}' of "
            f"{shown_path(self.index.card_on_disk.base.weights)}",
        ]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "index": self.index.name,
            "rows": len(self.index),
            **self.changes.as_json(),
            "left_out": [one.path for one in self.unread],
            "snapshot": self.index.card_on_disk.base.weights,
            "blob": self.index.card_on_disk.base.blob,
        }


def create_index(
    names: Sequence[str], open_net: Callable[[], FrozenBase], wanted: Wanted, team: Team = ALONE
) -> Built | None:
    """Make the index of what `names` mean: folders, files, data sets.

    `open_net` opens the net; a table of features needs none. The first process of `team` writes
    and gets the index, the others run the net, too. Errors: an index of this name without
    `wanted.force`, nothing to index, a picture that cannot be read without `skip_unreadable`.
    """
    places = in_turn(team, lambda: [place_of(name) for name in names])
    if team.rank > 0:
        help_to_create(places, open_net, wanted, team)
        return None
    name = wanted.name or usual_name(places)
    if card_path(name).exists() and not wanted.force:
        raise UserError(
            f"there is an index '{name}' already",
            do=f"'mycaffe index add {name}' brings it up to date; --force makes it anew.",
        )
    table = features_of(places)
    with alone(name):
        if table is not None:
            embed, card = rows_themselves, card_of_table(name, table, wanted.blob, wanted.cosine)
            items = list(items_of(places[0], table, wanted.label))
        else:
            net = net_of(open_net(), wanted, places)
            embed, card = net.embed, card_of_net(name, net, wanted.cosine)
            items = net_items(places, net, wanted.label, ())
        numbers = Numbers(class_names(places[0].source) if places[0].source is not None else {})
        made = merged((), np.empty(0, np.int64), numbers, (), items)
        card = with_places(card, places)
        none = np.empty((0, card.size), np.float32)
        helpers = ALONE if table is not None else team
        return write_change(card, made, numbers, none, embed, wanted, helpers)


def add_to_index(
    name: str,
    names: Sequence[str],
    wanted: Wanted,
    snapshot: Path | None = None,
    run_code: bool = False,
    team: Team = ALONE,
) -> Built | None:
    """Bring an index up to date with `names`; without any with all that it was made of.

    Only what is new or has changed goes through the net. Errors: as `create_index`, and another
    net than the index's.
    """
    if team.rank > 0:
        help_to_add(names, snapshot, run_code, team)
        return None
    read_index_card(name)
    with alone(name):
        index = Index.open(name)
        card = index.card_on_disk
        team.tell(card)
        places = [place_of(one) for one in names or (*card.roots, *card.sources)]
        if not places:
            raise UserError(
                f"index '{name}' was made of single files", do="Name the files or folders to add."
            )
        table = features_of(places)
        if table is not None:
            _check_table(card, table)
            embed: Callable[[Images], NDArray[Any]] = rows_themselves
            items = list(items_of(places[0], table, wanted.label))
        else:
            net = embedder_of(card, snapshot, run_code)
            embed, items = net.embed, net_items(places, net, wanted.label, card.roots)
        numbers = Numbers(index.label_names)
        made = merged(index.entries, index.labels, numbers, places, items)
        helpers = ALONE if table is not None else team
        card = with_places(card, places)
        return write_change(card, made, numbers, index.rows, embed, wanted, helpers)


def write_change(
    card: IndexCard,
    made: Merged,
    numbers: Numbers,
    old: NDArray[Any],
    embed: Callable[[Images], NDArray[Any]],
    wanted: Wanted,
    team: Team = ALONE,
) -> Built:
    """Run the net over what is new, then write the next number of the index."""
    rows, unread = fresh_rows(made, card.name, card.size, embed, wanted.skip_unreadable, team)
    if unread:
        made = made.without_unread({one.path for one in unread})
    if not made.entries:
        raise UserError("no picture could be read", do="Nothing is changed.")
    names = {label: numbers.names[label] for label in sorted({*made.labels} - {NO_LABEL})}
    card = replace(card, label_names=names, number=_next_number(card.name))
    write_index(card, made, old, rows)
    return Built(Index.open(card.name), made.changes, unread)


def _next_number(name: str) -> int:
    """One more than every number that a file of the index has or had."""
    numbers = [0]
    with suppress(UserError):
        numbers.append(read_index_card(name).number)
    with suppress(OSError):
        for path in index_folder(name).iterdir():
            start = path.name.partition(".")[0]
            numbers.append(int(start) if start.isascii() and start.isdecimal() else 0)
    return max(numbers) + 1


def _check_table(card: IndexCard, table: FeatureTable) -> None:
    if not table.card.base.same(card.base):
        raise UserError(
            f"'{table.name}' was made by another net than index '{card.name}'",
            wanted="rows of two nets cannot be compared",
        )


def rows_themselves(images: Images) -> NDArray[Any]:
    """Rows of a table of features (n, D, 1, 1) are what is indexed."""
    return images.reshape(len(images), -1)
