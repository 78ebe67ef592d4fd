"""Splits windows into parts, such as training and testing, that do not overlap in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def split_by_time(
    files: Indices, starts: Indices, labels: Indices, steps: int, shares: dict[str, float]
) -> tuple[dict[str, Indices], int]:
    """The numbers of the windows of each part, and how many windows are in no part.

    Window i starts at row starts[i] of file files[i]; windows are in the order of time within a
    file. Of each label the earliest windows go to the first part of `shares`, the latest to the
    last one. A window that has a row in common with one of a later part is left out. Windows of
    different labels never share a row.
    """
    parts: dict[str, list[int]] = {name: [] for name in shares}
    dropped = 0
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        ends = np.round(np.cumsum(list(shares.values())) * len(own)).astype(int)
        first = 0
        for place, name in enumerate(shares):
            chosen = own[first : ends[place]]
            first = ends[place]
            # Later windows of the label begin with this one.
            if first < len(own):
                following = own[first]
                shared = (files[chosen] == files[following]) & (
                    starts[chosen] + steps > starts[following]
                )
                dropped += int(shared.sum())
                chosen = chosen[~shared]
            parts[name] += chosen.tolist()
    return {name: np.array(sorted(found), dtype=np.int64) for name, found in parts.items()}, dropped
