"""Batches from arrays that a program hands in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.errors import UserError, Where
from mycaffe_py.notices import notice
from mycaffe_py.told_once import first_time


class MemoryFeed(PlainFeed):
    """Tops: data (N, C, H, W), label (N,). `reset` gives it what to hand out.

    The first batch asked for after a reset starts at row 0, the next one N rows further, and so on
    in a circle; the same batch number gives the same rows until the next reset.
    """

    # The caller's labels may be anything.
    label_count = 0

    def __init__(
        self,
        shape: tuple[int, int, int, int],
        name: str,
        where: Where,
        transforms: bool = False,
    ) -> None:
        """`shape` (N, C, H, W) of a batch; `name` of the layer.

        `transforms`: its text asks for a transformation, which handed in arrays do not get.
        """
        self.shape = shape
        self.name = name
        self.where = where
        self.transforms = transforms
        self._data: NDArray[Any] | None = None
        self._labels: NDArray[Any] = np.empty(0)
        self._first: int | None = None

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shape of each top."""
        return [self.shape, self.shape[:1]]

    def reset(self, data: NDArray[Any], labels: NDArray[Any]) -> None:
        """Hand out the rows of data (n, C, H, W) and labels (n,) or (n, 1, 1, 1) from now on.

        Both are referred to, not copied: what is written into them later is handed out too.
        Errors: other shapes, an n that is no multiple of the batch size. A notice tells, once for
        each layer, of a transform_param that has no effect.
        """
        if data.shape[1:] != self.shape[1:] or labels.shape not in (
            (len(data),),
            (len(data), 1, 1, 1),
        ):
            channels, height, width = self.shape[1:]
            raise UserError(
                f"layer '{self.name}' (MemoryData): data {data.shape} and labels {labels.shape}",
                where=self.where,
                wanted=f"data (n, {channels}, {height}, {width}) and labels (n,) or (n, 1, 1, 1)",
            )
        if not len(data) or len(data) % self.shape[0]:
            raise UserError(
                f"layer '{self.name}' (MemoryData): {len(data)} rows",
                where=self.where,
                wanted=f"a multiple of the batch size, {self.shape[0]}",
            )
        if self.transforms and first_time(("transform_param", self.name)):
            notice(
                f"{self.where}: layer '{self.name}' (MemoryData) hands arrays out as they are; its "
                "transform_param has no effect, as in Caffe. Transform them before."
            )
        self._data = data
        # An index keeps it a view, whatever its strides.
        self._labels = labels if labels.ndim == 1 else labels[:, 0, 0, 0]
        self._first = None

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`. Errors: nothing was handed in."""
        if self._data is None:
            raise UserError(
                f"layer '{self.name}' (MemoryData) has no data",
                where=self.where,
                do="Call reset(data, labels) on its feed, or pycaffe's net.set_input_arrays.",
            )
        if self._first is None:
            self._first = batch_number
        count = self.shape[0]
        start = (batch_number - self._first) * count % len(self._data)
        tops[0][...] = self._data[start : start + count]
        tops[1][...] = self._labels[start : start + count]
