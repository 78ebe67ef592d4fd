"""The rows that are searched: encodings of a net, and what a net has to beat.

All processes of a team make them together, and each of them gets all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.engine.net import Net
from mycaffe_py.solver.team import ALONE, Team
from mycaffe_py.trained.encodings import shared_rows
from mycaffe_py.trained.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.trained.run_net import not_finite
from mycaffe_py.trained.snapshot import Snapshot

_BATCH = 256

# The rows (n, D) of the items `records` (n,) of a source.
RowsOf = Callable[[ArraySource, NDArray[np.int64]], NDArray[Any]]


def net_rows(snapshot: Snapshot, team: Team = ALONE) -> RowsOf:
    """What the RUN net makes of items, before a Decode or Softmax at its end.

    Class means play no part in it. Errors, when called: pictures of another size than the net's;
    values that are not finite.
    """
    net = loaded_net(snapshot, run_graph(snapshot, _BATCH), snapshot.weights)

    def rows(source: ArraySource, records: NDArray[np.int64]) -> FeatureRows:
        found = _encoded(snapshot, net, source, records, team)
        if not np.isfinite(found).all():
            raise not_finite(snapshot)
        return found

    return rows


def random_rows(snapshot: Snapshot, seed: int = 0, team: Team = ALONE) -> RowsOf:
    """The same of the net with the first weights that its fillers give."""
    net = Net(run_graph(snapshot, _BATCH), seed=seed)
    return lambda source, records: _encoded(snapshot, net, source, records, team)


def raw_rows(source: ArraySource, records: NDArray[np.int64]) -> NDArray[Any]:
    """The values of the items as they are stored."""
    return source.gather(records).reshape(len(records), -1)


def _encoded(
    snapshot: Snapshot, net: Net, source: ArraySource, records: NDArray[np.int64], team: Team
) -> FeatureRows:
    asked = AnsweringNet(net, transform_for(snapshot, source), _BATCH, source.name)
    return shared_rows(asked.encodings, _BATCH, source, records, team)
