"""A batch in equal parts, which several processes may share among them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """Batches in `shards` equal parts, of which this process works on `count` from `first` on."""

    shards: int = 1
    first: int = 0
    count: int = 1

    @property
    def end(self) -> int:
        """The number of the shard behind the last one of this process."""
        return self.first + self.count

    def number(self, batch: int, shard: int) -> int:
        """The number of a shard of a batch among all that this process works on, in their order."""
        return batch * self.count + shard - self.first


WHOLE = Cut()
