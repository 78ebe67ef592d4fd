"""The loss that a display shows: a mean over the last iterations."""

from __future__ import annotations

import math
from collections import deque


class Smoothed:
    """The mean of the last `count` losses (average_loss); `value` is NaN before the first."""

    def __init__(self, count: int) -> None:
        self._losses: deque[float] = deque(maxlen=max(1, count))
        self.value = math.nan

    def add(self, loss: float) -> None:
        """Take the loss of one more iteration."""
        self._losses.append(loss)
        self.value = math.fsum(self._losses) / len(self._losses)
