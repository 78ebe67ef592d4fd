"""A source of which only the head was read: what a net's text can be checked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images

# A class with two images can be in pairs; more would say nothing more about it.
_ENOUGH = 2


@dataclass(frozen=True, eq=False)
class SourceHead(ArraySource):
    """Shape, type, classes and number of items, without pixels.

    `images` is (0, C, H, W). `labels` holds each class once where it has one item, else twice: so
    what is asked of classes and of their pairs has its answer. `items` is the true number.
    """

    items: int = field(kw_only=True)

    def __len__(self) -> int:
        return self.items

    def gather(self, records: NDArray[np.int64]) -> Images:
        """Never called: there are no images."""
        raise RuntimeError(f"only the head of {self.name} was read")

    def mean(self) -> NDArray[np.float32]:
        """Zeros of the right shape (C, H, W): the true mean is of no use without images."""
        return np.zeros(self.shape, np.float32)


def make_head(
    name: str,
    shape: tuple[int, int, int],
    counts: Mapping[int, int],
    *,
    dtype: type[np.generic] | np.dtype[np.generic] = np.uint8,
    label_names: Mapping[int, str] | None = None,
    checksum: str = "",
    description: str = "",
    counters: str = "",
    pictures: str = "",
) -> SourceHead:
    """The head of the source `name` with images of `shape` (C, H, W); `counts` items by label."""
    labels = [label for label, n in sorted(counts.items()) for _ in range(min(n, _ENOUGH))]
    return SourceHead(
        name=name,
        images=np.empty((0, *shape), dtype),
        labels=np.array(labels, np.int64),
        label_names=dict(label_names or {label: str(label) for label in sorted(counts)}),
        checksum=checksum,
        description=description,
        counters=counters,
        pictures=pictures,
        items=sum(counts.values()),
    )


def head_of(source: ArraySource) -> SourceHead:
    """The head of a source that is open."""
    labels, counts = np.unique(source.labels, return_counts=True)
    return make_head(
        source.name,
        source.shape,
        dict(zip(labels.tolist(), counts.tolist(), strict=True)),
        dtype=source.dtype,
        label_names=source.label_names,
        checksum=source.checksum,
        description=source.description,
        counters=source.counters,
        pictures=source.pictures,
    )
