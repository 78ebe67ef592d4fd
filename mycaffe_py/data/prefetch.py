"""A feed that makes the next batches in the background, with the same bits."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.batch_feed import BatchFeed, WrappedFeed

Tops = list[NDArray[Any]]


@dataclass(frozen=True)
class _Batch:
    """A batch under way: its number, the arrays it is written into, and its end."""

    number: int
    tops: Tops
    done: Future[None]


class PrefetchFeed(WrappedFeed):
    """Wraps a feed: after batch b was asked for, one thread makes b+1 ... b+depth.

    Batches may be asked for in any order; those out of order are made when asked for. An error in
    the thread is raised by the `fill` that asks for its batch. The executor's thread ends after the
    batches under way, so that the interpreter can always exit, closed or not.
    """

    def __init__(self, feed: BatchFeed, depth: int = 2) -> None:
        super().__init__(feed)
        self.depth = depth
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch")
        self._ahead: deque[_Batch] = deque()
        self._spare: list[Tops] = []

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top."""
        return self.feed.shapes

    @property
    def quick(self) -> bool:
        """No: a batch that is made ahead is copied."""
        return False

    def shapes_of(self, batch_number: int) -> list[Shape]:
        """Shape of each top in this batch."""
        return self.feed.shapes_of(batch_number)

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`, and have the following ones made."""
        if self._ahead and not self._fits(batch_number, tops):
            self._forget()
        if not self._ahead:
            self._start(batch_number, tops)
        batch = self._ahead.popleft()
        try:
            batch.done.result()
        except BaseException:
            self._forget()
            raise
        for top, ready in zip(tops, batch.tops, strict=True):
            np.copyto(top, ready)
        self._spare.append(batch.tops)
        while len(self._ahead) < self.depth:
            self._start(batch_number + 1 + len(self._ahead), tops)

    def close(self) -> None:
        """Drop the batches under way and join the thread."""
        self._forget()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> PrefetchFeed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fits(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> bool:
        """Whether the next batch made is the one asked for, in the same shapes and types."""
        batch = self._ahead[0]
        return batch.number == batch_number and _kinds(batch.tops) == _kinds(tops)

    def _start(self, batch_number: int, like: Sequence[NDArray[Any]]) -> None:
        tops = self._spare.pop() if self._spare else [np.empty(t.shape, t.dtype) for t in like]
        done = self._executor.submit(self.feed.fill, batch_number, tops)
        self._ahead.append(_Batch(batch_number, tops, done))

    def _forget(self) -> None:
        """Drop what was made ahead, and the buffers, which may not fit the next request."""
        for batch in self._ahead:
            batch.done.cancel()
        self._ahead.clear()
        self._spare.clear()


def _kinds(tops: Sequence[NDArray[Any]]) -> list[tuple[Shape, np.dtype[Any]]]:
    return [(top.shape, top.dtype) for top in tops]
