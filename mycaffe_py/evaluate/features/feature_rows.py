"""The rows of a table are made by all processes of a team and written by the first one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.feature_tables.feature_checks import trust_values
from mycaffe_py.evaluate.features.feature_base import FeatureNet
from mycaffe_py.evaluate.features.feature_images import FeatureImages
from mycaffe_py.evaluate.features.feature_writing import TableWriter
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.solver.team import Team

# A process is given so many rows at most, and each gets so many parts of a table at least: enough
# that sending costs little, and that nobody waits long for the last one.
_MOST_ROWS = 256
_PARTS = 8
# Parts for each process that wait to be written.
_AHEAD = 3

# Shows the progress of (what, all rows, rows done at the start): data/progress.py, or nothing.
Bar = Callable[[str, int, int], AbstractContextManager[Any]]


class TableRows:
    """What `net` says of `images`, made batch by batch on all processes of `team`."""

    def __init__(self, net: FeatureNet, images: FeatureImages, team: Team) -> None:
        """Each process has its own net and images."""
        self._net = net
        self._images = images
        self._team = team

    def help(self) -> None:
        """Make rows until the first process has all that it wants."""
        for _ in dealt(self._team, (), self._of):
            pass

    def write(self, writer: TableWriter, labels: NDArray[np.int64], bar: Bar) -> None:
        """Write all rows that are not there yet, and the card."""
        card, team = writer.card, self._team
        parts = parts_of(writer.done, card.rows, card.batch, team.ranks)
        with bar(card.name, card.rows, writer.done) as shown:
            for rows in dealt(team, parts, self._of, ahead=_AHEAD * team.ranks):
                writer.append(rows)
                shown.update(len(rows))
        with bar("checksum", card.rows, 0) as shown:
            made = writer.finish(labels, shown.update)
        trust_values(made, writer.files)

    def _of(self, part: range) -> NDArray[np.float32]:
        return np.concatenate([self._batch(start, part.stop) for start in part])

    def _batch(self, start: int, end: int) -> NDArray[np.float32]:
        count = min(self._net.batch, end - start)
        self._images.write(start, self._net.input_rows(count))
        return self._net.features(count).copy()


def parts_of(done: int, rows: int, batch: int, processes: int) -> list[range]:
    """The starts of batches that a process makes at once, behind the rows that are `done`.

    A table of few batches is cut finely, so that all processes end at about the same time.
    """
    batches = -(-(rows - done) // batch)
    together = 1 if processes == 1 else batches // (_PARTS * processes)
    step = batch * max(1, min(together, _MOST_ROWS // batch))
    return [range(start, min(start + step, rows), batch) for start in range(done, rows, step)]
