"""The one-shot task on telecom faults: what is left out, what is enrolled, what is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.counters.scaling import fitted
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.telecom.link import COUNTERS
from mycaffe_py.data.telecom.patterns import PATTERNS
from mycaffe_py.evaluate.threshold.roc import threshold_for

ROTATIONS = ((1, 4, 7), (2, 5, 8), (3, 6, 9))
FALSE_ALARMS = 0.01
SPLITS = ("training", "validation", "testing")
_NAMES = [pattern.name for pattern in PATTERNS]


@dataclass(frozen=True)
class Task:
    """Windows (n, 1, T, F) of all ten patterns by split, in the units of the `known` ones."""

    images: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    known: tuple[int, ...]
    unseen: tuple[int, ...]

    def of(self, split: str, patterns: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Windows of these patterns, and their labels."""
        kept = np.isin(self.labels[split], patterns)
        return self.images[split][kept], self.labels[split][kept]

    def write(self, name: str) -> dict[str, ArraySource]:
        """A data set of the known patterns, as `mycaffe dataset create telecom` makes it."""
        sources = {}
        for split in SPLITS:
            images, labels = self.of(split, self.known)
            sources[split] = make_source(
                f"{name}.{split}",
                images,
                np.searchsorted(self.known, labels),
                {place: PATTERNS[label].label for place, label in enumerate(self.known)},
            )
        write_dataset(dataset_path(name), name, sources, "known patterns")
        return sources


@dataclass(frozen=True)
class Answers:
    """Of one net or baseline in one rotation: shares (draws, 3) right of all windows, of the three
    left-out faults, of the others; caught by fault; share of false alarms."""

    right: np.ndarray
    caught: dict[int, float]
    false_alarms: float


def tasks(windows: dict[str, tuple], patterns: int = 7) -> list[Task]:
    """The three rotations, with the first `patterns` of their seven known ones."""
    found = []
    labels = {split: windows[split][1] for split in SPLITS}
    for unseen in ROTATIONS:
        known = tuple(label for label in range(10) if label not in unseen)[:patterns]
        values, of = windows["training"]
        counters = fitted(
            values[np.isin(of, known)], tuple(COUNTERS), tuple(COUNTERS.values()), 1.0, "time"
        )
        images = {split: counters.scaled(windows[split][0]) for split in SPLITS}
        found.append(Task(images, labels, known, unseen))
    return found


def squared(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(n, L) squared distances."""
    return (rows**2).sum(1)[:, None] + (points**2).sum(1) - 2 * rows @ points.T


def ask(
    task: Task,
    split: str,
    draws: int,
    encode: Callable[[np.ndarray], np.ndarray],
    centroids: np.ndarray | None,
    decide: Callable[..., np.ndarray] | None = None,
) -> Answers:
    """Enroll one window of each pattern that is not known, ask, and count; `draws` times.

    Without `centroids` known patterns have one example each too. `decide` (windows' rows, rows of
    the examples, their labels) answers in place of the nearest point.
    """
    rows, labels = encode(task.images[split]).astype(np.float64), task.labels[split]
    pool, pool_labels = encode(task.images["training"]).astype(np.float64), task.labels["training"]
    numbers = np.random.default_rng(1)
    drawn = [k for k in range(10) if centroids is None or k not in task.known]
    new, right = np.isin(labels, task.unseen), []
    for _ in range(draws):
        records = [numbers.choice(np.flatnonzero(pool_labels == label)) for label in drawn]
        if decide is not None:
            answers = decide(rows, pool[records], drawn)
        else:
            points = np.empty((10, rows.shape[1]))
            points[drawn] = pool[records]
            if centroids is not None:
                points[list(task.known)] = centroids
            answers = squared(rows, points).argmin(axis=1)
        hit = answers == labels
        right.append((hit.mean(), hit[new].mean(), hit[~new].mean()))
    if centroids is None:
        return Answers(np.array(right), {}, float("nan"))
    return Answers(np.array(right), *_unknown(task, rows, labels, encode, centroids))


def _unknown(task, rows, labels, encode, centroids) -> tuple[dict[int, float], float]:
    """Share caught of each left-out fault, and the share of false alarms."""
    held_out = encode(task.of("validation", task.known)[0]).astype(np.float64)
    limit = threshold_for(squared(held_out, centroids).min(axis=1), FALSE_ALARMS)
    beyond = squared(rows, centroids).min(axis=1) > limit
    caught = {label: float(beyond[labels == label].mean()) for label in task.unseen}
    return caught, float(beyond[np.isin(labels, task.known)].mean())


def line(name: str, answers: list[list[Answers]]) -> str:
    """A row of the table; `answers` by seed and rotation."""
    by_draw = 100 * np.concatenate([np.mean([a.right for a in seed], axis=0) for seed in answers])
    mean, spread = by_draw.mean(axis=0), by_draw.std(axis=0, ddof=1)
    cells = [f"{mean[k]:.1f} ± {spread[k]:.1f}" for k in range(3)]
    flat = [answer for seed in answers for answer in seed]
    if flat[0].caught:
        faults = {k: np.mean([a.caught[k] for a in flat if k in a.caught]) for k in range(1, 10)}
        each = ", ".join(f"{_NAMES[k]} {100 * share:.0f}" for k, share in faults.items())
        cells += [f"{100 * np.mean(list(faults.values())):.1f}"]
        cells += [f"{100 * np.mean([a.false_alarms for a in flat]):.1f}", each]
    else:
        cells += ["", "", ""]
    return f"| {name} | " + " | ".join(cells) + " |"


HEAD = (
    "| | all ten, % right | left-out faults | known | unknown caught, % | false alarms "
    "| caught of each |\n"
    "|---|---|---|---|---|---|---|"
)
