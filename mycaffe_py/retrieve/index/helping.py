"""What goes into an index and through which net; other processes run it for the one that writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.evaluate.features.feature_base import FrozenBase
from mycaffe_py.retrieve.index.embedder import Embedder, like_of, usual_blob
from mycaffe_py.retrieve.index.fresh_rows import help_with_rows
from mycaffe_py.retrieve.index.index_net import embedder_of
from mycaffe_py.retrieve.index.items import (
    Item,
    Place,
    features_of,
    items_of,
    label_below,
    place_of,
)
from mycaffe_py.solver.team import Team


@dataclass(frozen=True)
class Wanted:
    """What a user asks for besides net and places. `label` is that of all, "": as they lie.

    `resize` (width, height) is the size that pictures are read in for a model, before it crops
    them; None: the size that it takes.
    """

    name: str = ""
    blob: str = ""
    cosine: bool = False
    label: str = ""
    asked: Asked | None = None
    resize: tuple[int, int] | None = None
    skip_unreadable: bool = False
    force: bool = False


def net_of(base: FrozenBase, wanted: Wanted, places: Sequence[Place]) -> Embedder:
    """The net for what is at `places`."""
    blob = wanted.blob or usual_blob(base)
    source = next((place.source for place in places if place.source is not None), None)
    return Embedder(base, blob, like_of(base, blob, wanted.asked, source, wanted.resize))


def net_items(
    places: Sequence[Place], net: Embedder, label: str, roots: Sequence[str]
) -> list[Item]:
    """All items of the places; a single file has the label of the folder it was taken in with."""
    found: list[Item] = []
    for place in places:
        own = label
        if place.source is not None:
            place = replace(place, source=net.as_learned(place.source))
        elif place.file is not None and not label:
            homes = [Path(root) for root in roots if place.file.is_relative_to(root)]
            own = label_below(homes[0], place.file) if homes else ""
        found += items_of(place, net.like, own)
    return found


def help_to_create(
    places: Sequence[Place], open_net: Callable[[], FrozenBase], wanted: Wanted, team: Team
) -> None:
    """Run the net over what the first process asks for; see `create_index`."""
    if features_of(places) is None:
        net = net_of(open_net(), wanted, places)
        help_with_rows(net_items(places, net, "", ()), net.embed, team)


def help_to_add(names: Sequence[str], snapshot: Path | None, run_code: bool, team: Team) -> None:
    """Run the net over what the first process asks for; see `add_to_index`."""
    card = team.tell(None)[0]
    places = [place_of(one) for one in names or (*card.roots, *card.sources)]
    if places and features_of(places) is None:
        net = embedder_of(card, snapshot, run_code)
        help_with_rows(net_items(places, net, "", ()), net.embed, team)
