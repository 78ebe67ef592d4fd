"""Makes new patterns for training: windows of two patterns mixed by counter or by time.

Few patterns teach a net few ways to differ. A mixture takes some counters of one pattern and the
others of another, or takes all of them but only while a clock is on; or it is one pattern whose
counters change places, some upside down. How it is made is drawn once for each mixture, the windows
it is made of anew for each of its items: so a mixture is a pattern of its own, with other examples,
and the next batch has other mixtures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.named_sources.named_source import NamedSource, register
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.data.source import open_head, open_source
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

# Every other mixture is of one pattern, with counters in other places.
_EVERY = 2
# Half of the others are of a fault with the first pattern (the data sets put "normal" there).
_WITH_FIRST = 0.5
# Three of ten mix by time alone, all others by counter; each counter by the toss of a coin.
_BY_TIME = 0.3
# A clock of the mixtures by time: its period as a share of the window, and the share it is on.
_PERIOD = (0.13, 0.47)
_ON = (0.2, 0.8)


@register
class Mixtures(NamedSource):
    """Batches of mixtures for python_source_param { module: "mixtures" }: batch i is `mixtures[i]`.

    param_str is "DATASET.SPLIT COUNT": the labelled windows to mix, and how many mixtures a batch
    holds, in equal parts. A batch is images (N, C, T, F) float32 and labels (N,), the mixtures
    counted on from the labels of the data set: L, L + 1, ...
    It depends on the seed and its number alone.
    """

    type = "mixtures"
    # What texts said before sources had names; snapshots hold such texts.
    spellings = ("mycaffe_py.data.counters.mixtures",)

    def __init__(
        self, seed: int, batch_size: int, param_str: str, opening: Opening = RUNNING
    ) -> None:
        """Open the data. Errors: a wrong param_str, no data, one pattern, an indivisible batch."""
        name, self.count = _read(param_str, batch_size)
        source = open_source(name, make=opening.makes_data)
        self.seed = seed
        self.each = batch_size // self.count
        self.source = source
        self.first_label = source.label_count
        self.patterns = [np.flatnonzero(source.labels == k) for k in np.unique(source.labels)]
        if len(self.patterns) < 2:
            raise UserError(
                f"{source.name} has one pattern", wanted="two or more: a mixture is of two"
            )

    @classmethod
    def shapes(cls, batch_size: int, param_str: str) -> list[tuple[int, ...]]:
        """The shapes of images and labels of a batch. Errors: a wrong param_str, no data."""
        name, _ = _read(param_str, batch_size)
        return [(batch_size, *open_head(name).shape), (batch_size,)]

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Batch `number`."""
        numbers = stream(self.seed, "mixtures", number)
        images = np.concatenate([self._made(numbers, place) for place in range(self.count)])
        labels = self.first_label + np.repeat(np.arange(self.count), self.each)
        return images, labels

    def _made(self, numbers: np.random.Generator, place: int) -> NDArray[np.float32]:
        """(each, C, T, F): the items of the mixture at `place` in the batch."""
        return self._moved(numbers) if place % _EVERY == _EVERY - 1 else self._mixture(numbers)

    def _moved(self, numbers: np.random.Generator) -> NDArray[np.float32]:
        """(each, C, T, F): one pattern, its counters in other places, each with either sign."""
        pattern = self.patterns[int(numbers.integers(len(self.patterns)))]
        windows = self.source.gather(numbers.choice(pattern, self.each)).astype(np.float32)
        counters = windows.shape[3]
        signs = np.where(numbers.random(counters) < 0.5, np.float32(-1), np.float32(1))
        return windows[..., numbers.permutation(counters)] * signs

    def _mixture(self, numbers: np.random.Generator) -> NDArray[np.float32]:
        """(each, C, T, F): two patterns mixed."""
        one, other = numbers.choice(len(self.patterns), 2, replace=False)
        if numbers.random() < _WITH_FIRST:
            one, other = 1 + int(numbers.integers(len(self.patterns) - 1)), 0
        taken = self._mask(numbers)
        drawn = [numbers.choice(self.patterns[k], self.each) for k in (one, other)]
        first, second = (self.source.gather(records).astype(np.float32) for records in drawn)
        return np.where(taken, first, second)

    def _mask(self, numbers: np.random.Generator) -> NDArray[np.bool_]:
        """What is taken from the first of the two: (1, 1, 1, F), or (each, 1, T, 1) by time."""
        _, steps, counters = self.source.shape
        if numbers.random() >= _BY_TIME:
            return numbers.random((1, 1, 1, counters)) < 0.5
        period = steps * numbers.uniform(*_PERIOD)
        on = numbers.uniform(*_ON) * period
        # A window starts anywhere in the period.
        start = period * numbers.random((self.each, 1, 1, 1))
        clock = (np.arange(steps).reshape(1, 1, steps, 1) + start) % period
        taken: NDArray[np.bool_] = clock < on
        return taken


def _read(param_str: str, batch_size: int) -> tuple[str, int]:
    """The name of the source, and the number of mixtures, which divides the batch."""
    name, _, text = param_str.partition(" ")
    count = int(text) if text.strip().isdecimal() else 0
    if count < 1:
        raise UserError(
            f"param_str is '{param_str}'",
            wanted="a source and the number of mixtures in a batch, as in 'telecom10.training 12'",
        )
    if batch_size % count:
        raise UserError(
            f"a batch of {batch_size} cannot hold {count} mixtures in equal parts",
            do=f"Make batch_size a multiple of {count}.",
        )
    return name, count
