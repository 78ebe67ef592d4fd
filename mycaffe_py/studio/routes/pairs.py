"""Hard pairs of a snapshot: by the features that `test-many --record` keeps."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.hard_pairs import HardPairs, Pairs, hard_pairs
from mycaffe_py.evaluate.pair_loss import pair_loss
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.names import ANSWERS, SnapshotFiles
from mycaffe_py.solver.texts import job_of_card
from mycaffe_py.studio.answered import Answered, answered
from mycaffe_py.studio.answers import Asked, asks, word
from mycaffe_py.studio.runs import run_named
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.tiles import drawing

# All pairs of so many items are looked at in a few seconds; of more, so many are drawn by chance.
MOST_ITEMS = 20_000
MOST_PAIRS = 60


def pairs(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The hardest pairs of both kinds, with what each costs, and the share inside the margin."""
    run = run_named(studio.workspace, word(asked, "run"))
    files = run.snapshot(word(asked, "iteration", ""))
    one = answered(files, word(asked, "source", ""))
    if not one.answers.features.size:
        raise UserError(
            "the features of the items are not kept, so their pairs are not known",
            do="Press Test Many: it keeps them.",
        )
    loss = pair_loss(layer.param for layer in job_of_card(one.card).train.selected())
    margin = loss.reach if loss else math.nan
    changed = files.with_ending(ANSWERS).stat().st_mtime_ns
    chosen, found = _found(files, one.answers.source, changed, margin)
    far, near = found.farthest, found.nearest
    told = {
        "same": _told(one, chosen, far, loss.same(far.distances) if loss else None),
        "different": _told(one, chosen, near, loss.different(near.distances) if loss else None),
    }
    records = sorted({end for kind in told.values() for pair in kind for end in pair["records"]})
    return {
        **told,
        "source": one.answers.source,
        "stand_in_for": one.stand_in_for,
        "items": len(chosen),
        "of": len(one.truth),
        "same_n": found.same_n,
        "different_n": found.different_n,
        "margin": margin,
        "violating": found.violating,
        "violating_share": found.violating_share,
        "loss": loss.layer if loss else "",
        "records": records,
        **drawing(one.answers, records),
    }


def _told(
    one: Answered, chosen: NDArray[np.int64], pairs: Pairs, costs: NDArray[np.float64] | None
) -> list[dict[str, Any]]:
    """Each pair by its records in the source."""
    told = []
    for number, ends in enumerate(zip(chosen[pairs.a], chosen[pairs.b], strict=True)):
        told.append(
            {
                "records": [int(one.answers.records[end]) for end in ends],
                "names": [one.name(int(one.truth[end])) for end in ends],
                "places": [int(end) for end in ends],
                "distance": float(pairs.distances[number]),
                "loss": None if costs is None else float(costs[number]),
            }
        )
    return told


@lru_cache(maxsize=4)
def _found(
    files: SnapshotFiles, source: str, changed: int, margin: float
) -> tuple[NDArray[np.int64], HardPairs]:
    """The positions of the items looked at, and their hard pairs."""
    one = answered(files, source)
    count = len(one.truth)
    chosen = np.arange(count)
    if count > MOST_ITEMS:
        drawn = stream(one.card.seed, "hard-pairs").permutation(count)[:MOST_ITEMS]
        chosen = np.sort(drawn)
    return chosen, hard_pairs(one.answers.features[chosen], one.truth[chosen], margin, MOST_PAIRS)


ROUTES = [asks("/api/pairs/{run:path}", pairs)]
