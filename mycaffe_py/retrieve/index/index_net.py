"""The net of an index that is there: opened again, and refused where it is another one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.features.feature_base import (
    FrozenBase,
    base_of_snapshot,
    newest_base,
    open_base,
)
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.retrieve.index.embedder import Embedder, like_of, stored_like
from mycaffe_py.retrieve.index.index_card import MAKE_AGAIN, IndexCard

_SHOWN = 12


def embedder_of(
    card: IndexCard, snapshot: Path | None = None, run_code: bool = False, most: int = 64
) -> Embedder:
    """The net that made the rows of `card`, for up to `most` inputs at a time.

    It is the file that the card names, or `snapshot`, or where neither is there the newest
    snapshot below this folder. Errors: it is another net, has changed, or is not there.
    """
    base = _base(card, snapshot, run_code)
    _check(card, base)
    transform = read_text(card.base.transform, pb.TransformationParameter, "the index").message
    base = replace(base, transform=transform)
    if card.shape[0]:
        like = stored_like(base, card.shape, card.dtype, card.pictures, card.counters)
    else:
        like = like_of(base, card.base.blob)
    made = Embedder(base, card.base.blob, like, most)
    if made.transform_sum != card.base.transform_checksum:
        raise UserError(
            f"the mean that index '{card.name}' was made with has changed", do=MAKE_AGAIN
        )
    return made


def _base(card: IndexCard, snapshot: Path | None, run_code: bool) -> FrozenBase:
    if card.base.model:
        if snapshot is not None:
            raise UserError(
                f"index '{card.name}' was made with --model {card.base.model}",
                do="Leave --snapshot out.",
            )
        return open_base(card.base.model, Path(card.base.weights), run_code)
    if snapshot is not None:
        return base_of_snapshot(snapshot, run_code)
    known = Path(card.base.weights)
    if known.is_file():
        return base_of_snapshot(known, run_code)
    found = None
    # One that cannot be opened is not the one that is looked for.
    with suppress(UserError):
        found = newest_base(run_code)
    if found is None or found.checksums != _sums(card):
        raise UserError(
            f"the snapshot that made index '{card.name}', {known}, is not there",
            do="Name it where it is now with --snapshot FILE.",
        )
    return found


def _check(card: IndexCard, base: FrozenBase) -> None:
    if base.checksums == _sums(card):
        return
    now, then = base.checksums[1][:_SHOWN], card.base.weights_checksum[:_SHOWN]
    same_file = str(base.weights_file) == card.base.weights
    what = "has changed since" if same_file else "is another net"
    raise UserError(
        f"index '{card.name}' was made by {card.base.weights} (sha256 {then}...), and "
        f"{base.weights_file} (sha256 {now}...) {what}",
        wanted="rows of two nets cannot be compared",
        do=MAKE_AGAIN if same_file else "Leave --snapshot out, or make an index with the other.",
    )


def _sums(card: IndexCard) -> tuple[str, str]:
    return card.base.model_checksum, card.base.weights_checksum


def pictures_of(table: FeatureTable) -> tuple[tuple[int, int, int], str]:
    """Shape and record (JSON) of the pictures that a table of features was made from.

    ((0, 0, 0), "") where they are no longer there.
    """
    try:
        source = open_source(table.card.source, make=False)
    except UserError:
        return (0, 0, 0), ""
    shape, pictures = source.shape, source.pictures
    if table.card.base.resize:
        width, height = map(int, table.card.base.resize.split("x"))
        shape = (shape[0], height, width)
        if pictures:
            record = PictureRecord.from_json(pictures)
            pictures = replace(record, width=width, height=height).to_json()
    return shape, pictures
