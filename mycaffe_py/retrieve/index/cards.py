"""The card of an index that is being made or gets more places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mycaffe_py.data.feature_tables.feature_card import Base
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.embedder import Embedder
from mycaffe_py.retrieve.index.index_card import IndexCard
from mycaffe_py.retrieve.index.index_net import pictures_of
from mycaffe_py.retrieve.index.items import Place


def card_of_net(name: str, net: Embedder, cosine: bool) -> IndexCard:
    """The card of an index without rows, of a net."""
    like = net.like
    return _first_card(
        name, net.card_base(), net.size, cosine,
        like.shape, like.dtype.name, like.pictures, like.counters,
    )  # fmt: skip


def card_of_table(name: str, table: FeatureTable, blob: str, cosine: bool) -> IndexCard:
    """The card of an index without rows, of a table of features. Errors: another `blob`."""
    if blob and blob != table.card.base.blob:
        raise UserError(f"--blob {blob} for {table.description}", do="Leave --blob out.")
    shape, pictures = pictures_of(table)
    base, size = table.card.base, table.card.size
    return _first_card(name, base, size, cosine, shape, "uint8", pictures, "")


def _first_card(
    name: str,
    base: Base,
    size: int,
    cosine: bool,
    shape: tuple[int, int, int],
    dtype: str,
    pictures: str,
    counters: str,
) -> IndexCard:
    return IndexCard(name, 1, 0, size, cosine, base, shape, dtype, pictures, counters, (), ())


def with_places(card: IndexCard, places: Sequence[Place]) -> IndexCard:
    """The card with the folders and data sets that were taken in, each once."""
    roots = [*card.roots, *(place.name for place in places if place.folder is not None)]
    inner = [r for r in roots if any(Path(r).is_relative_to(o) for o in roots if o != r)]
    roots = [root for root in dict.fromkeys(roots) if root not in inner]
    sources = [*card.sources, *(place.name for place in places if place.source is not None)]
    return replace(card, roots=tuple(roots), sources=tuple(dict.fromkeys(sources)))


def usual_name(places: Sequence[Place]) -> str:
    """The name for an index of these places: that of the first data set or folder."""
    first = places[0]
    name = first.name if first.source is not None else Path(first.name).resolve().stem
    if first.file is not None:
        name = Path(first.name).resolve().parent.name
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in name)
    return plain.lstrip("_.-") or "index"
