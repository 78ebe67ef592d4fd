"""A team whose processes are threads of this one, to look at what each of them does."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from mycaffe_py.layers.base import Array
from mycaffe_py.solver.team import Team

Done = TypeVar("Done")


class _Thread:
    """One member: what it says and sends lies in boxes that all of them see."""

    def __init__(self, rank: int, ranks: int, boxes: list[Any], barrier: threading.Barrier) -> None:
        self.rank = rank
        self.ranks = ranks
        self._boxes = boxes
        self._barrier = barrier

    def tell(self, words: Any) -> list[Any]:
        self._boxes[self.rank] = copy.deepcopy(words)
        self._barrier.wait()
        told = list(self._boxes)
        self._barrier.wait()
        return told

    def swap(self, sent: Sequence[Sequence[Array]], got: Sequence[Sequence[Array]]) -> None:
        for rank, arrays in enumerate(self.tell([list(arrays) for arrays in sent])):
            for array, value in zip(got[rank], arrays[self.rank], strict=True):
                np.copyto(array, value)


def together(ranks: int, do: Callable[[Team], Done]) -> list[Done]:
    """What `do` returns for each member of a team of so many. Errors: that of the first."""
    boxes: list[Any] = [None] * ranks
    barrier = threading.Barrier(ranks, timeout=60)

    def one(rank: int) -> Done:
        try:
            return do(_Thread(rank, ranks, boxes, barrier))
        except BaseException:
            if ranks > 1:
                threading.Timer(1.0, barrier.abort).start()
            raise

    with ThreadPoolExecutor(ranks) as pool:
        return [done.result() for done in [pool.submit(one, rank) for rank in range(ranks)]]
