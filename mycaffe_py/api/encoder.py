"""A snapshot's net at work for a program: any number of inputs, in batches that fit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mycaffe_py.api.given.given import Given
from mycaffe_py.api.turns import TURN
from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.trained.run_net import RunNet, not_finite
from mycaffe_py.trained.snapshot import Snapshot

# As test-many has it, and less where inputs are large. A net for few inputs answers sooner.
_MOST = 256
_FEW = 16
_MOST_VALUES = 1 << 22

Asks = Callable[[RunNet, Images], FeatureRows]


class Encoder:
    """Runs the net of `snapshot` on inputs like those of `like`; several threads may do so."""

    def __init__(self, snapshot: Snapshot, like: ArraySource) -> None:
        """Nets are made when they are first needed."""
        self.snapshot = snapshot
        self.like = like
        self._nets: dict[int, RunNet] = {}
        most = max(1, min(_MOST, _MOST_VALUES // math.prod(like.shape)))
        self._sizes = sorted({1, min(_FEW, most), most})

    def rows(self, given: Given, asks: Asks) -> FeatureRows:
        """(n, D): what `asks` gets from the net for the inputs `given`. Errors: not finite."""
        size = next((s for s in self._sizes if s >= given.count), self._sizes[-1])
        parts = []
        for images in given.parts(size):
            with TURN:
                parts.append(asks(self._net(size), images))
        rows = np.concatenate(parts)
        if not np.isfinite(rows).all():
            raise not_finite(self.snapshot)
        return rows

    def _net(self, size: int) -> RunNet:
        if size not in self._nets:
            self._nets[size] = RunNet(self.snapshot, self.like, size)
        return self._nets[size]
