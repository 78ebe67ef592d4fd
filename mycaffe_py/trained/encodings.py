"""What a net makes of the items of a source, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.progress import Progress
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.errors import UserError
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.solver.team import Team


def batches(
    source: ArraySource,
    records: NDArray[np.int64],
    size: int,
    unit: str = "item",
    what: str = "",
) -> Iterator[Images]:
    """The items `records` (n,) of `source`, `size` at a time, (m, C, H, W) each.

    A bar of progress counts them as `unit`s of `what` is done.
    """
    with Progress(len(records), unit, what, leave=False) as bar:
        for start in range(0, len(records), size):
            part = records[start : start + size]
            yield source.gather(part)
            bar.update(len(part))


def dealt_rows(
    rows_of: Callable[[Images], FeatureRows],
    size: int,
    source: ArraySource,
    records: NDArray[np.int64],
    team: Team,
) -> FeatureRows:
    """(n, D): what `rows_of` makes of the items `records` (n,), `size` at a time, finite or not.

    All processes of `team` make them; the first one gets them, the others get no rows.
    """
    found = _dealt(rows_of, size, source, records, team)
    return found.astype(np.float32, copy=False)


def shared_rows(
    rows_of: Callable[[Images], FeatureRows],
    size: int,
    source: ArraySource,
    records: NDArray[np.int64],
    team: Team,
) -> FeatureRows:
    """The same for all processes, which all get the rows."""
    found = _dealt(rows_of, size, source, records, team)
    rows: FeatureRows = team.tell(found if team.rank == 0 else None)[0]
    return rows


def _dealt(
    rows_of: Callable[[Images], FeatureRows],
    size: int,
    source: ArraySource,
    records: NDArray[np.int64],
    team: Team,
) -> FeatureRows:
    """Those of the first process in the type that the net computes in."""
    parts = np.split(records, range(size, len(records), size))
    found: list[FeatureRows] = []
    with Progress(len(records), source.word, leave=False) as bar:
        for rows in dealt(team, parts, lambda part: rows_of(source.gather(part))):
            found.append(rows)
            bar.update(len(rows))
    return np.concatenate(found) if found else np.empty((0, 0), np.float32)


def encodings_of(net: AnsweringNet, source: ArraySource, records: NDArray[np.int64]) -> FeatureRows:
    """(n, D): what `net` makes of the items `records` (n,), before a Decode or Softmax at its end.

    Errors: not finite.
    """
    rows = [net.encodings(images) for images in batches(source, records, net.batch)]
    return _finite(np.concatenate(rows), source)


def rows_of(
    net: AnsweringNet, source: ArraySource, records: NDArray[np.int64], blobs: Sequence[str]
) -> list[FeatureRows]:
    """(n, D) of each of `blobs` for the items `records` (n,). Errors: not finite."""
    parts: list[list[FeatureRows]] = [[] for _ in blobs]
    for images in batches(source, records, net.batch, what="class means"):
        for part, blob in zip(parts, blobs, strict=True):
            part.append(net.rows(images, blob))
    return [_finite(np.concatenate(part), source) for part in parts]


def _finite(rows: FeatureRows, source: ArraySource) -> FeatureRows:
    if not np.isfinite(rows).all():
        raise UserError(f"the features of {source.name} are not finite")
    return rows
