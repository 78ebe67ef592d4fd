"""The tasks of one_shot_glyphs: letters of scripts never seen, and digits, one example of each.

All answers are those of a table of distances, so nets and baselines are asked alike: the example
with the least distance wins.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.glyphs.scripts import script_of
from mycaffe_py.random_streams import stream

# (n, D), (m, D): distances (n, m).
Distances = Callable[[np.ndarray, np.ndarray], np.ndarray]
Encode = Callable[[np.ndarray], np.ndarray]
EPISODES = 400
DRAWS = 50
TASKS = ("5 of a script", "20 of a script", "20 of all scripts", "MNIST, 10")


def euclidean(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m): squared distances."""
    squares = (rows**2).sum(1)[:, np.newaxis] + (others**2).sum(1)
    return squares - 2 * rows @ others.T


@dataclass(frozen=True)
class Side:
    """A way to recognise: what it makes of images (n, 1, 28, 28), and how it compares."""

    name: str
    encode: Encode
    distances: Distances = euclidean


def groups_of(source: ArraySource) -> list[np.ndarray]:
    """The labels of each script of a data set of letters."""
    scripts: dict[str, list[int]] = {}
    for label, name in source.label_names.items():
        scripts.setdefault(script_of(ord(unicodedata.lookup(name.upper()))), []).append(label)
    return [np.array(scripts[script]) for script in sorted(scripts)]


def episodes(
    side: Side,
    rows: np.ndarray,
    labels: np.ndarray,
    groups: Sequence[np.ndarray],
    ways: int,
) -> float:
    """Percent right: in each episode `ways` classes of one group, an example and a query of each.

    The same episodes for every side.
    """
    where = {label: np.flatnonzero(labels == label) for label in np.unique(labels).tolist()}
    enough = [group for group in groups if len(group) >= ways]
    right = []
    for number in range(EPISODES):
        random = stream(1, "one shot/episode", ways, number)
        chosen = random.choice(enough[random.integers(len(enough))], ways, replace=False)
        pairs = np.array([random.choice(where[one], 2, replace=False) for one in chosen.tolist()])
        table = side.distances(rows[pairs[:, 1]], rows[pairs[:, 0]])
        right.append((table.argmin(1) == np.arange(ways)).mean())
    return 100 * float(np.mean(right))


def digits(side: Side, pool: ArraySource, asked: ArraySource) -> tuple[float, float]:
    """Percent of `asked` told right from one example of each digit out of `pool`.

    Mean and standard deviation over DRAWS draws of the examples, the same for every side.
    """
    chosen = []
    for draw in range(DRAWS):
        random = stream(1, "one shot/digits", draw)
        chosen.append([random.choice(np.flatnonzero(pool.labels == digit)) for digit in range(10)])
    examples = side.encode(pool.images[np.concatenate(chosen)])
    table = side.distances(side.encode(asked.images), examples).reshape(len(asked), DRAWS, 10)
    right = 100 * (table.argmin(2) == asked.labels[:, np.newaxis]).mean(0)
    return float(right.mean()), float(right.std(ddof=1))


def measured(
    side: Side, letters: ArraySource, pool: ArraySource, asked: ArraySource
) -> tuple[np.ndarray, float]:
    """Percent right in each of TASKS, and the deviation of the last over its draws."""
    rows = side.encode(letters.images)
    scripts = groups_of(letters)
    every = [np.unique(letters.labels)]
    of_digits, spread = digits(side, pool, asked)
    marks = [episodes(side, rows, letters.labels, scripts, ways) for ways in (5, 20)]
    marks += [episodes(side, rows, letters.labels, every, 20), of_digits]
    return np.array(marks), spread
